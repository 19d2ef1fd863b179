//! The ways to unlock a door that are compared.

use std::{hint::black_box, net::SocketAddr, time::Duration};

use elevate_access::{Outcome, Tap, TapId};
use elevate_seam::{DeviceId, Instant, Progress, Waited};
use elevate_transport::Gate;
use reqwest::{
    Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::{
    Failure,
    house::{House, KEY},
};

/// How many unlocks go before anything is counted.
pub(crate) const WARMING: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A POST by reqwest, its bytes, and serde: what everything else is measured by.
    Bare,
    /// The same with a timeout for the whole request, which nobody who asks a vendor can do without.
    Timed,
    /// `elevate_seam::Client`: the order, and what became of it.
    Client,
    /// `Access::unlock` with a tap without an id.
    Facade,
    /// `Access::unlock` with a tap that has an id: claimed before its order, settled before its answer.
    FacadeWithId,
}

impl Way {
    pub(crate) const ALL: [Self; 5] =
        [Self::Bare, Self::Timed, Self::Client, Self::Facade, Self::FacadeWithId];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Timed => "timed",
            Self::Client => "client",
            Self::Facade => "facade",
            Self::FacadeWithId => "facade-with-id",
        }
    }

    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        let way = Self::ALL.into_iter().find(|way| way.name() == name);
        way.ok_or_else(|| format!("{name} is none of the ways").into())
    }
}

pub(crate) struct Ways {
    bare: reqwest::Client,
    url: Url,
    authorization: HeaderValue,
    house: House,
    tap_ids: u64,
}

impl Ways {
    pub(crate) fn new(address: SocketAddr, house: House) -> Result<Self, Failure> {
        // The same settings as the SDK's own wire has, but for those that need code.
        let bare = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .tls_certs_only([])
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_idle_timeout(Duration::from_secs(3))
            .pool_max_idle_per_host(32)
            .user_agent("elevate-transport/0.1.0")
            .build()?;
        let url = Url::parse(&format!("http://{address}/locks/unlock_door"))?;
        let authorization = HeaderValue::from_str(&format!("Bearer {KEY}"))?;
        Ok(Self { bare, url, authorization, house, tap_ids: 0 })
    }

    /// Unlocks so many doors that way, and says what processor time the process took for it, user and system.
    pub(crate) async fn run(&mut self, way: Way, times: usize) -> Result<Duration, Failure> {
        let taps = self.house.next(times);
        if taps.len() != times {
            return Err("there are too few residents".into());
        }
        match way {
            Way::Bare | Way::Timed => {
                let limit = (way == Way::Timed).then_some(Duration::from_secs(12));
                let begun = processor_time();
                for (_, door) in &taps {
                    let reply = self.post(door.vendor_id().as_str(), limit).await?;
                    if !reply.is_confirmed() {
                        return Err("the door was not opened".into());
                    }
                    black_box(reply);
                }
                Ok(since(begun).await)
            }
            Way::Client => {
                let devices = taps.iter().map(|(_, door)| DeviceId::new(door.vendor_id().as_str()));
                let devices: Vec<DeviceId> = devices.collect::<Result<_, _>>()?;
                let client = &self.house.client;
                let begun = processor_time();
                for device in &devices {
                    let now = Instant::now();
                    let (send_by, answer_by) = (now + SEND_WITHIN, now + ANSWER_WITHIN);
                    let gate = || Gate::new(async { true });
                    let ordered = client.unlock_door(device, send_by, answer_by, gate).await?;
                    match client.wait_for_unlock(&ordered, answer_by).await {
                        Waited::Settled(attempt) if attempt.progress() == Progress::Confirmed => {
                            black_box(attempt);
                        }
                        other => return Err(format!("not opened: {other:?}").into()),
                    }
                }
                Ok(since(begun).await)
            }
            Way::Facade | Way::FacadeWithId => {
                let mut ids = Vec::with_capacity(times);
                for _ in 0..times {
                    self.tap_ids += 1;
                    let id = format!("5d0c1b7a-2e4f-4a83-9c6d-{:012}", self.tap_ids);
                    ids.push((way == Way::FacadeWithId).then(|| TapId::new(id)).transpose()?);
                }
                let access = &self.house.access;
                let begun = processor_time();
                for ((resident, door), id) in taps.iter().zip(ids) {
                    let tap = Tap::now();
                    let tap = match id {
                        Some(id) => tap.with_id(id),
                        None => tap,
                    };
                    match access.unlock(resident, door, tap).await? {
                        outcome @ Outcome::Opened(_) => {
                            black_box(outcome);
                        }
                        other => return Err(format!("not opened: {other:?}").into()),
                    }
                }
                Ok(since(begun).await)
            }
        }
    }

    async fn post(&self, device_id: &str, limit: Option<Duration>) -> Result<Reply, Failure> {
        let mut request = self
            .bare
            .post(self.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(serde_json::to_vec(&Unlock { device_id })?);
        if let Some(limit) = limit {
            request = request.timeout(limit);
        }
        let answer = request.send().await?.error_for_status()?.bytes().await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// As the front door has it.
const SEND_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(12);

#[derive(Serialize)]
struct Unlock<'a> {
    device_id: &'a str,
}

/// As much as the SDK reads of it.
#[derive(Deserialize)]
struct Reply {
    action_attempt: Attempt,
    ok: Option<bool>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read as the SDK reads it")]
struct Attempt {
    action_attempt_id: String,
    action_type: Option<String>,
    status: String,
    result: Option<AttemptResult>,
    error: Option<AttemptError>,
}

#[derive(Deserialize)]
struct AttemptResult {
    was_confirmed_by_device: Option<bool>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read as the SDK reads it")]
struct AttemptError {
    r#type: String,
    message: Option<String>,
}

impl Reply {
    fn is_confirmed(&self) -> bool {
        let attempt = &self.action_attempt;
        let confirmed = attempt.result.as_ref().and_then(|result| result.was_confirmed_by_device);
        self.ok == Some(true)
            && attempt.status == "success"
            && attempt.error.is_none()
            && confirmed == Some(true)
    }
}

/// User and system time of the whole process, all its threads.
fn processor_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds)
        + Duration::from_nanos(u64::try_from(spent.tv_nsec).unwrap_or_default())
}

/// What was spent since, with what is still to be done of it.
async fn since(begun: Duration) -> Duration {
    // What was told is written down afterwards, by tasks of their own.
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
    processor_time().saturating_sub(begun)
}
