//! What the fake tells of what happened.

use elevate_seam::{Concern, ErrorKind, EventId, EventType, EventsQuery, Gate};
use jiff::{SignedDuration, Timestamp};

use super::{device, fake::Fake, seed, soon};

#[tokio::test]
async fn an_opening_is_on_the_list_and_can_be_read_by_its_id() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let open = || Gate::new(async { true });
    client.unlock_door(&device(seed::FRONT), soon(), soon(), open).await.unwrap();
    let query = EventsQuery::since(Timestamp::UNIX_EPOCH).types([EventType::LockUnlocked]);
    let events = client.events(&query).all(soon()).await.unwrap();
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.event_type, EventType::LockUnlocked);
    assert_eq!(event.workspace_id.as_str(), seed::WORKSPACE);
    assert_eq!(event.device_id, Some(device(seed::FRONT)));
    // The fake does not name the order, as Seam is documented to do; and is no outcome, with or without it.
    assert_eq!((event.action_attempt_id.as_ref(), event.concerns()), (None, Concern::Nothing));
    let read = client.get_event(&event.event_id, soon()).await.unwrap();
    assert_eq!(read.as_ref(), Some(event));
}

#[tokio::test]
async fn the_ends_of_a_span_are_excluded() {
    let Some(fake) = Fake::start().await else { return };
    let client = fake.client();
    let all = EventsQuery::since(Timestamp::UNIX_EPOCH);
    let events = client.events(&all).all(soon()).await.unwrap();
    let made: Vec<_> = events.iter().filter_map(|event| event.created_at).collect();
    let (Some(first), Some(last)) = (made.iter().min(), made.iter().max()) else {
        panic!("{events:?}")
    };
    let moment = SignedDuration::from_millis(1);
    for (from, to) in
        [(*first - moment, *last + moment), (*first, *last + moment), (*first - moment, *last)]
    {
        let listed = client.events(&EventsQuery::between(from, to)).all(soon()).await.unwrap();
        let within = made.iter().filter(|at| **at > from && **at < to).count();
        assert_eq!(listed.len(), within, "{from} {to}");
    }
}

#[tokio::test]
async fn an_event_that_is_not_known_is_not_found() {
    let Some(fake) = Fake::start().await else { return };
    let id = EventId::new("no-such-event").unwrap();
    let error = fake.client().get_event(&id, soon()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.error_type(), Some("event_not_found"));
}
