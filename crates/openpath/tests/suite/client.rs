mod build;
mod errors;
mod lists;
mod sign_in;
mod unlock;
