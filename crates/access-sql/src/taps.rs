//! The table of taps: claims, and the history.

use std::fmt::Write as _;

use async_trait::async_trait;
use elevate_access::{
    Claim, DoorId, DoorPlace, HostError, Outcome, ResidentId, TAPS_KEPT, TapId, TapQuery,
    TapRecord, TapState, Tapped, Taps,
};
use jiff::Timestamp;

use crate::{
    Error, ErrorKind, SqlStore,
    dialect::{Arg, Dialect},
    error::Call,
    store::{Row, micros},
};

/// How often a claim that was given up between two statements is asked for again.
const TRIES: u32 = 5;

/// The columns of a whole tap, in the order in which [`record_of`] reads them.
const COLUMNS: &str =
    "number, id, resident, door, building, door_name, tapped_at, answer_by, outcome, later";

#[async_trait]
impl<D: Dialect> Taps for SqlStore<D> {
    async fn tap(
        &self,
        id: &TapId,
        resident: &ResidentId,
        door: &DoorId,
    ) -> Result<Option<Claim>, HostError> {
        let text = "SELECT resident, door, answer_by, outcome FROM {t}taps WHERE id = $1";
        let row = self.rows("tap", text, &[Arg::Text(id.as_str())]).await?.pop();
        Ok(row.map(|row| claim_of(row, resident, door)).transpose()?)
    }

    async fn claim(
        &self,
        id: &TapId,
        tapped: &Tapped,
        answer_by: Timestamp,
    ) -> Result<Claim, HostError> {
        let door = tapped.door.to_string();
        let place = tapped.place.as_ref();
        let text = "INSERT INTO {t}taps \
                    (id, resident, door, building, door_name, tapped_at, written_at, answer_by) \
                    VALUES ($1, $2, $3, $4, $5, $6, {now}, $7) \
                    ON CONFLICT (id) DO NOTHING RETURNING number";
        let args = [
            Arg::Text(id.as_str()),
            Arg::Text(tapped.resident.as_str()),
            Arg::Text(&door),
            Arg::MaybeText(place.map(|place| place.building.as_str())),
            Arg::MaybeText(place.map(|place| place.name.as_str())),
            Arg::Int(tapped.at.as_microsecond()),
            Arg::Int(answer_by.as_microsecond()),
        ];
        for _ in 0..TRIES {
            if let Some(mut row) = self.rows("claim", text, &args).await?.pop() {
                return Ok(Claim::Granted { token: row.int("number")?.to_string() });
            }
            if let Some(claim) = self.tap(id, &tapped.resident, &tapped.door).await? {
                return Ok(claim);
            }
        }
        Err(Error::new(ErrorKind::Unavailable, Call::Read("claim"), "given up again and again")
            .into())
    }

    async fn settle(
        &self,
        id: &TapId,
        outcome: &Outcome,
        place: Option<&DoorPlace>,
    ) -> Result<Outcome, HostError> {
        let json = to_json("settle", outcome)?;
        // Of a resident who was forgotten nothing is written down any more.
        let text = "UPDATE {t}taps SET outcome = $2, building = COALESCE(building, $3), \
                    door_name = COALESCE(door_name, $4) \
                    WHERE id = $1 AND outcome IS NULL AND resident IS NOT NULL RETURNING outcome";
        let args = [
            Arg::Text(id.as_str()),
            Arg::Text(&json),
            Arg::MaybeText(place.map(|place| place.building.as_str())),
            Arg::MaybeText(place.map(|place| place.name.as_str())),
        ];
        if !self.rows("settle", text, &args).await?.is_empty() {
            return Ok(outcome.clone());
        }
        let text = "SELECT outcome FROM {t}taps WHERE id = $1";
        let row = self.rows("settle", text, &[Arg::Text(id.as_str())]).await?.pop();
        let none = || Error::new(ErrorKind::InvalidInput, Call::Read("settle"), "no such claim");
        let stands = row.ok_or_else(none)?.maybe_text("outcome")?;
        let stands = stands.map(|text| from_json("settle", "outcome", &text)).transpose()?;
        Ok(stands.unwrap_or_else(|| outcome.clone()))
    }

    async fn unclaim(&self, id: &TapId, token: &str) -> Result<(), HostError> {
        // What is no token of ours is no claim that is held.
        let Ok(number) = token.parse() else { return Ok(()) };
        let text = "DELETE FROM {t}taps WHERE id = $1 AND number = $2 AND outcome IS NULL \
                    AND resident IS NOT NULL";
        let args = [Arg::Text(id.as_str()), Arg::Int(number)];
        self.execute("unclaim", text, &args).await?;
        Ok(())
    }

    async fn record(&self, tapped: &Tapped, outcome: &Outcome) -> Result<(), HostError> {
        let (door, json) = (tapped.door.to_string(), to_json("record", outcome)?);
        let place = tapped.place.as_ref();
        let text = "INSERT INTO {t}taps \
                    (resident, door, building, door_name, tapped_at, written_at, outcome) \
                    VALUES ($1, $2, $3, $4, $5, {now}, $6)";
        let args = [
            Arg::Text(tapped.resident.as_str()),
            Arg::Text(&door),
            Arg::MaybeText(place.map(|place| place.building.as_str())),
            Arg::MaybeText(place.map(|place| place.name.as_str())),
            Arg::Int(tapped.at.as_microsecond()),
            Arg::Text(&json),
        ];
        self.execute("record", text, &args).await?;
        Ok(())
    }

    async fn amend(&self, number: u64, later: &Outcome) -> Result<Outcome, HostError> {
        let number = i64::try_from(number).unwrap_or(-1);
        let json = to_json("amend", later)?;
        let text = "UPDATE {t}taps SET later = $2 \
                    WHERE number = $1 AND later IS NULL AND outcome IS NOT NULL";
        let args = [Arg::Int(number), Arg::Text(&json)];
        if self.execute("amend", text, &args).await? > 0 {
            return Ok(later.clone());
        }
        let text = "SELECT later FROM {t}taps WHERE number = $1 AND later IS NOT NULL";
        let row = self.rows("amend", text, &args[..1]).await?.pop();
        let none =
            || Error::new(ErrorKind::InvalidInput, Call::Read("amend"), "no such settled tap");
        Ok(from_json("amend", "later", &row.ok_or_else(none)?.text("later")?)?)
    }

    async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, HostError> {
        let door = query.door().map(ToString::to_string);
        let (since, until) = query.between();
        let mut text = format!("SELECT {COLUMNS} FROM {{t}}taps WHERE resident IS NOT NULL");
        let mut args = Vec::new();
        let texts = [
            ("resident", query.resident().map(ResidentId::as_str)),
            ("door", door.as_deref()),
            ("building", query.building().map(elevate_access::BuildingId::as_str)),
        ];
        for (column, asked) in texts {
            if let Some(asked) = asked {
                args.push(Arg::Text(asked));
                let _ = write!(text, " AND {column} = ${}", args.len());
            }
        }
        for (holds, moment) in [(">=", since), ("<", until)] {
            if let Some(moment) = moment {
                args.push(Arg::Int(moment.as_microsecond()));
                let _ = write!(text, " AND tapped_at {holds} ${}", args.len());
            }
        }
        if let Some((at, number)) = query.below() {
            args.push(Arg::Int(at.as_microsecond()));
            args.push(Arg::Int(i64::try_from(number).unwrap_or(i64::MAX)));
            let (at, number) = (args.len() - 1, args.len());
            let _ = write!(text, " AND (tapped_at, number) < (${at}, ${number})");
        }
        args.push(Arg::Int(query.most().into()));
        let _ = write!(text, " ORDER BY tapped_at DESC, number DESC LIMIT ${}", args.len());
        let rows = self.rows("taps", &text, &args).await?;
        Ok(rows.into_iter().map(record_of).collect::<Result<_, Error>>()?)
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, HostError> {
        let text = "DELETE FROM {t}taps WHERE (tapped_at < $1 OR resident IS NULL) \
                    AND written_at <= {now} - $2";
        let args = [Arg::Int(before.as_microsecond()), Arg::Int(micros(TAPS_KEPT))];
        let pruned = self.execute("prune", text, &args).await?;
        // A lease's name says whose user it was for. A new row begins with the moment as its token, which is above any that
        // was given before.
        let text = "DELETE FROM {t}leases WHERE until <= {now} - $1";
        self.execute("prune", text, &args[1..]).await?;
        self.db.erased().await;
        Ok(pruned)
    }
}

fn claim_of(mut row: Row, resident: &ResidentId, door: &DoorId) -> Result<Claim, Error> {
    let (of, on) = (row.maybe_text("resident")?, row.maybe_text("door")?);
    if of.as_deref() != Some(resident.as_str()) || on != Some(door.to_string()) {
        return Ok(Claim::Foreign);
    }
    let answer_by = row.moment("answer_by")?;
    Ok(match row.maybe_text("outcome")? {
        None => Claim::Open { answer_by },
        Some(json) => Claim::Settled(from_json("tap", "outcome", &json)?),
    })
}

fn record_of(mut row: Row) -> Result<TapRecord, Error> {
    let number = row.int("number")?.unsigned_abs();
    let id = row.maybe_text("id")?.map(TapId::new).transpose();
    let id = id.map_err(|_| Error::unreadable(Call::Read("taps"), "id"))?;
    let resident = row.parsed("resident", |text| text.parse().ok())?;
    let door = row.parsed("door", |text| text.parse().ok())?;
    let place = match (row.maybe_text("building")?, row.maybe_text("door_name")?) {
        (Some(building), Some(name)) => Some(DoorPlace {
            building: building
                .parse()
                .map_err(|_| Error::unreadable(Call::Read("taps"), "building"))?,
            name,
        }),
        _ => None,
    };
    let tapped = Tapped { resident, door, place, at: row.moment("tapped_at")? };
    let answer_by = row.maybe_int("answer_by")?;
    let json = |text: Option<String>, column| {
        text.map(|text| from_json("taps", column, &text)).transpose()
    };
    let outcome = json(row.maybe_text("outcome")?, "outcome")?;
    let later = json(row.maybe_text("later")?, "later")?;
    let state = match outcome {
        Some(outcome) => TapState::Settled { outcome, later },
        None => TapState::UnderWay {
            answer_by: answer_by
                .and_then(|micros| Timestamp::from_microsecond(micros).ok())
                .ok_or_else(|| Error::unreadable(Call::Read("taps"), "answer_by"))?,
        },
    };
    Ok(TapRecord { number, id, tapped, state })
}

fn to_json(call: &'static str, outcome: &Outcome) -> Result<String, Error> {
    serde_json::to_string(outcome)
        .map_err(|_| Error::new(ErrorKind::InvalidInput, Call::Read(call), "outcome"))
}

fn from_json(call: &'static str, column: &'static str, text: &str) -> Result<Outcome, Error> {
    serde_json::from_str(text).map_err(|_| Error::unreadable(Call::Read(call), column))
}
