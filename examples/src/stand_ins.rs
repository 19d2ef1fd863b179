//! The quickstart's vendors by themselves, on loopback, for a while.
//!
//! [`run`] serves them and prints the commands with which to try the unlock programs on them.

use std::{io::Write, time::Duration};

use elevate_access::{Clock as _, SystemClock};
use elevate_access_testkit::{Effect, TestClock};

use crate::quickstart::{
    Failure,
    stand_ins::{StandIns, openpath_account, seam_key},
};

/// Serves both vendors for that long. Prints where they are when they are there, and at the end what they
/// were ordered.
///
/// # Errors
/// If no port can be had, or the text cannot be written.
pub async fn run(how_long: Duration, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    // The unlock programs live in real time, so the stand-ins do.
    let stand_ins = StandIns::start(TestClock::starting_at(SystemClock.now())).await?;
    out.write_all(commands(&stand_ins, how_long)?.as_bytes())?;
    out.flush()?;

    tokio::time::sleep(how_long).await;

    let orders = stand_ins.orders();
    let opened = orders.iter().filter(|order| order.effect == Effect::Opened).count();
    writeln!(
        out,
        "The time is over. Orders that arrived: {}; doors opened: {opened}.",
        orders.len()
    )?;
    out.flush()?;
    Ok(())
}

/// What to type elsewhere. The secrets are made up and open nothing, so they may be shown.
fn commands(stand_ins: &StandIns, how_long: Duration) -> Result<String, Failure> {
    let (seconds, (email, password), key) = (how_long.as_secs(), openpath_account()?, seam_key()?);
    let (openpath, seam) = (stand_ins.openpath_url(), stand_ins.seam_url());
    Ok(format!(
        "\
Both vendors' stand-ins are on loopback, for {seconds} s or until Ctrl-C. All that they hold is made up.

Openpath is at {openpath} — in another terminal:

  export OPENPATH_BASE_URL='{openpath}'
  export OPENPATH_ORG='5120'
  export OPENPATH_EMAIL='{email}'
  export OPENPATH_PASSWORD='{password}'
  export OPENPATH_RESIDENT='omar.haddad@example.com'
  cargo run --example openpath_unlock
  cargo run --example openpath_unlock -- Garage

Seam, with 2N doors, is at {seam} — in another terminal:

  export SEAM_BASE_URL='{seam}'
  export SEAM_API_KEY='{key}'
  cargo run --example two_n_unlock -- --unit 101
  cargo run --example two_n_unlock -- --unit 101 Garage

Without the name of a door, doors are listed.

To audit both as one building, with the exports above in the same terminal:

cat > target/roster.csv <<'END'
unit,resident,name,email,standing
101,omar,Omar Haddad,omar.haddad@example.com,Current
Apt 102,nell,Nell Byrne,nell.byrne@example.com,Current
END
cat > target/connections.json <<'END'
{{ \"building\": \"maple\", \"connections\": [
  {{ \"id\": \"front\", \"openpath\": {{ \"base_url\": \"{openpath}\", \"org\": \"5120\",
    \"email_from\": \"OPENPATH_EMAIL\", \"password_from\": \"OPENPATH_PASSWORD\" }} }},
  {{ \"id\": \"flats\", \"two_n\": {{ \"base_url\": \"{seam}\", \"key_from\": \"SEAM_API_KEY\" }} }} ] }}
END
cargo run --example audit -- --roster target/roster.csv --connections target/connections.json

"
    ))
}
