mod contract;
mod explain;
mod key;
mod link;
mod order;
mod requests;
mod store_fails;
