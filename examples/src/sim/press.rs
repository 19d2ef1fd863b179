//! Presses: who taps which door, and how that reaches the service, once or more.

use std::time::Duration;

use elevate_access::{DoorId, Tap, TapId, TapTicket};
use tokio::time::{Instant, sleep, timeout};

use super::{
    cast::{NAMES, all_doors, resident_id},
    episode::Episode,
    plant::{Plant, lock},
    seen::{Call, Press},
    stage::Node,
};

/// What a press says of itself.
#[derive(Clone)]
pub(super) enum Wish {
    Bare,
    Id(String),
    Ticket {
        ticket: TapTicket,
        /// What the phone measured from the tap until it had the ticket.
        measured: Duration,
    },
}

impl Wish {
    /// The id that an order of it has.
    fn id(&self) -> Option<String> {
        match self {
            Self::Bare => None,
            Self::Id(id) => Some(id.clone()),
            Self::Ticket { ticket, .. } => {
                // As the crate's documentation has it: the form, and the beginning of what it is signed with.
                let text = ticket.to_string();
                let (form, signed) = (text.split('.').next(), text.rsplit('.').next());
                Some(format!("{}-{}", form?, signed?.get(..32)?))
            }
        }
    }
}

/// What was sent for a press, and may be sent once more.
pub(super) struct Sent {
    press: usize,
    door: DoorId,
    wish: Wish,
}

/// How long a used id is sent again: less than the hour for which a store keeps it at least.
const SENT_AGAIN: Duration = Duration::from_mins(58);

impl Episode {
    /// A resident presses; returns how many calls that makes.
    pub(super) fn press(&mut self) -> u64 {
        let resident = self.dice.usize(..NAMES.len());
        let doors = all_doors();
        let door: DoorId = match self.dice.u8(..24) {
            0 => "openpath-1/no-such-entry".parse().expect("a constant"),
            1 => "seam-1/no-such-device".parse().expect("a constant"),
            2 => "no-connection/11".parse().expect("a constant"),
            3..=7 => doors[self.dice.usize(..doors.len())].clone(),
            // Most people tap what they may open.
            _ => self.own_door(resident),
        };
        let now = Instant::now();
        let (wish, at) = match self.dice.u8(..8) {
            0 | 1 => (Wish::Bare, now),
            2 | 3 => self.ticket(resident, &door),
            _ => (Wish::Id(format!("tap-{}", self.presses.len())), now),
        };
        // How long until the service has the request. One with a ticket may be held back by anybody, for as long as
        // they like.
        let age = match (&wish, self.dice.u8(..16)) {
            (Wish::Ticket { .. }, 0..=4) => {
                let most = [20_000, 60_000, 600_000][self.dice.usize(..3)];
                self.dice.u64(..most)
            }
            // About when it becomes too old.
            (Wish::Ticket { .. }, 5..=7) => self.dice.u64(3_500..6_000),
            (_, 0) => self.dice.u64(3_000..8_000),
            (_, 1..=3) => self.dice.u64(..3_000),
            _ => self.dice.u64(..200),
        };
        let press = self.pressed(resident, &door, &wish, at);
        self.call(press, &door, &wish, Duration::from_millis(age), None);
        if !matches!(wish, Wish::Bare) {
            self.sent.push(Sent { press, door: door.clone(), wish: wish.clone() });
        }
        let mut calls = 1;
        match self.dice.u8(..10) {
            // The phone asks again with the same id, or somebody sends its request again.
            0 | 1 if !matches!(wish, Wish::Bare) => {
                let most = [400, 2_000, 20_000][self.dice.usize(..3)];
                let again = age + self.dice.u64(..most);
                self.call(press, &door, &wish, Duration::from_millis(again), None);
                calls += 1;
            }
            2 => {
                let wish = Wish::Id(format!("tap-{}", self.presses.len()));
                let press = self.pressed(resident, &door, &wish, now);
                let age = age.min(8_000) + self.dice.u64(..300);
                self.call(press, &door, &wish, Duration::from_millis(age), None);
                calls += 1;
            }
            // The caller gives up.
            3 => {
                let patience = Duration::from_millis(self.dice.u64(..3_000));
                let press = self.pressed(resident, &door, &Wish::Bare, now);
                let age = Duration::from_millis(age.min(8_000));
                self.call(press, &door, &Wish::Bare, age, Some(patience));
                calls += 1;
            }
            // Somebody else sends the ticket, or it is sent for another door: nobody pressed for that.
            4 if matches!(wish, Wish::Ticket { .. }) => {
                let (other, elsewhere) =
                    (self.dice.usize(..NAMES.len()), self.dice.usize(..doors.len()));
                let (other, elsewhere) = (other, doors[elsewhere].clone());
                if (other, &elsewhere) != (resident, &door) {
                    let press = self.pressed(other, &elsewhere, &wish, at);
                    self.presses[press].is_forged = true;
                    self.call(press, &elsewhere, &wish, Duration::from_millis(age), None);
                    calls += 1;
                }
            }
            _ => {}
        }
        calls
    }

    /// A door that the resident may open, if there is one.
    pub(super) fn own_door(&mut self, resident: usize) -> DoorId {
        let (doors, now) = (all_doors(), Instant::now());
        let mine = doors.iter().filter(|d| self.stage.history.grants(resident, d, now));
        let mine: Vec<_> = mine.collect();
        match mine.len() {
            0 => doors[self.dice.usize(..doors.len())].clone(),
            some => mine[self.dice.usize(..some)].clone(),
        }
    }

    /// What was sent within the hour is sent once more, as if somebody had pressed just now; returns how many calls that
    /// makes.
    ///
    /// A ticket says when it was pressed. An id does not: it is known again, or the order is a second one.
    pub(super) fn send_again(&mut self) -> u64 {
        let of_late = |sent: &&Sent| self.presses[sent.press].at.elapsed() < SENT_AGAIN;
        let young = self.sent.iter().rev().take_while(of_late).count();
        if young == 0 {
            return 0;
        }
        let nearly_last = self.dice.bool();
        let back = self.dice.usize(..if nearly_last { young.min(6) } else { young });
        self.send_once_more(self.sent.len() - 1 - back);
        1
    }

    pub(super) fn send_once_more(&mut self, sent: usize) {
        let Sent { press, door, wish } = &self.sent[sent];
        let (mut press, door, wish) = (*press, door.clone(), wish.clone());
        let most = [200, 3_000][usize::from(self.dice.u8(..4) == 0)];
        let age = Duration::from_millis(self.dice.u64(..most));
        if let Wish::Id(_) = &wish {
            press = self.pressed(self.presses[press].resident, &door, &wish, Instant::now());
        }
        self.call(press, &door, &wish, age, None);
    }

    /// Who pressed for what was sent.
    pub(super) fn presser(&self, sent: usize) -> usize {
        self.presses[self.sent[sent].press].resident
    }

    /// Some node's ticket for the tap, which the phone has just now, and when the tap was: the phone has measured how
    /// long the network held its request for the ticket back, and the answer.
    fn ticket(&mut self, resident: usize, door: &DoorId) -> (Wish, Instant) {
        let access = self.node().access;
        let ticket = access.ticket(&resident_id(resident), door).expect("keys are set");
        let most = [1, 1, 300, 3_000, 8_000, 60_000][self.dice.usize(..6)];
        let measured = Duration::from_millis(self.dice.u64(..most));
        (Wish::Ticket { ticket, measured }, Instant::now() - measured)
    }

    fn pressed(&mut self, resident: usize, door: &DoorId, wish: &Wish, at: Instant) -> usize {
        let (door, id) = (door.to_string(), wish.id());
        self.presses.push(Press { resident, door, id, at, is_forged: false });
        self.presses.len() - 1
    }

    /// One call of `unlock` that reaches a node in `age` from now.
    fn call(
        &mut self,
        press: usize,
        door: &DoorId,
        wish: &Wish,
        age: Duration,
        patience: Option<Duration>,
    ) {
        let (resident, door) = (resident_id(self.presses[press].resident), door.clone());
        let Node { access, life, .. } = self.node();
        let wish = wish.clone();
        let calls = self.calls.clone();
        let plant = self.stage.plant;
        self.under_way.spawn(async move {
            sleep(age).await;
            let begun = Instant::now();
            let tap = match &wish {
                Wish::Bare => Tap::aged(age),
                Wish::Id(id) => Tap::aged(age).with_id(TapId::new(id).expect("a constant")),
                Wish::Ticket { ticket, .. } if plant == Some(Plant::DropsWhatWasMeasured) => {
                    Tap::ticket(ticket)
                }
                // How long its request was on the way besides, no phone needs to say.
                Wish::Ticket { ticket, measured } => Tap::ticket(ticket).aged_before(*measured),
            };
            let unlock = access.unlock(&resident, &door, tap);
            let unlock = async {
                match patience {
                    Some(patience) => timeout(patience, unlock).await.ok(),
                    None => Some(unlock.await),
                }
            };
            let (result, died) = tokio::select! {
                biased;
                () = life.over() => (None, true),
                result = unlock => (result, false),
            };
            lock(&calls).push(Call { press, begun, ended: Instant::now(), result, died });
        });
    }
}
