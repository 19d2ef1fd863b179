use jiff::Timestamp;

/// What an order to open a door led to, in the vendor's world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The vendor took the order and the door opened.
    Opened,
    /// The vendor took the order; the door did not open, now or ever.
    Failed,
    /// The vendor took the order and has not yet said what became of it.
    Pending,
    /// The vendor turned the order down: nothing reached a door.
    Refused,
}

/// One order to open a door, as it arrived at the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The vendor's id of the door.
    pub door: String,
    /// On whose behalf: the vendor's user id, or empty where the vendor knows no residents.
    pub who: String,
    /// When the whole request had arrived.
    pub at: Timestamp,
    /// The vendor's or the sender's reference for it, if there is one.
    pub reference: Option<String>,
    /// What it led to.
    pub effect: Effect,
}

/// Every order that arrived, in order of arrival: what a test judges by.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    orders: Vec<Order>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes an order down and returns its place.
    pub fn enter(&mut self, order: Order) -> usize {
        self.orders.push(order);
        self.orders.len() - 1
    }

    /// Changes what the order at that place led to.
    pub fn settle(&mut self, place: usize, effect: Effect) {
        if let Some(order) = self.orders.get_mut(place) {
            order.effect = effect;
        }
    }

    /// All orders, in order of arrival.
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// How many orders the vendor took for that door (turned-down ones are not counted).
    pub fn taken(&self, door: &str) -> usize {
        self.orders.iter().filter(|o| o.door == door && o.effect != Effect::Refused).count()
    }

    /// How often that door opened.
    pub fn opened(&self, door: &str) -> usize {
        self.orders.iter().filter(|o| o.door == door && o.effect == Effect::Opened).count()
    }
}
