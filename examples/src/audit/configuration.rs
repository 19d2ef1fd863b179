//! The connections of a building, from a file that holds no secret.

use std::sync::Arc;

use elevate_access::{AccessProvider, BuildingId, ConnectionId};
use elevate_openpath::{Credentials, OpenpathProvider, OrgId, SiteId};
use elevate_seam::{
    ApiKey, Client, ConnectedAccountId, TwoNProvider, TwoNSettings, Units, WorkspaceId,
};
use serde::Deserialize;

use super::{Environment, Opened};
use crate::quickstart::Failure;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Configuration {
    building: String,
    connections: Vec<Connection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Connection {
    id: String,
    openpath: Option<Openpath>,
    two_n: Option<TwoN>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Openpath {
    base_url: String,
    org: String,
    email_from: String,
    password_from: String,
    #[serde(default)]
    sites: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TwoN {
    key_from: String,
    #[serde(default)]
    base_url: Option<String>,
    #[serde(default)]
    units: From,
    #[serde(default)]
    workspace: Option<String>,
    #[serde(default)]
    connected_accounts: Vec<String>,
}

/// Where units come from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum From {
    #[default]
    Spaces,
    SpaceDisplayNames,
    SpaceKeys,
}

impl Configuration {
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("--connections: line {line}, column {column}: the form is not as --help says")
                .into()
        })
    }

    pub(super) fn building(&self) -> Result<BuildingId, Failure> {
        Ok(BuildingId::new(&self.building)?)
    }

    pub(super) fn open(
        self,
        building: &BuildingId,
        environment: &Environment<'_>,
    ) -> Result<Vec<Opened>, Failure> {
        let secret = |name: &str| -> Result<String, Failure> {
            let value = environment(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| format!("the environment has no {name}").into())
        };
        let open = |connection: Connection| -> Result<_, Failure> {
            let id = ConnectionId::new(&connection.id)?;
            let provider: Arc<dyn AccessProvider> = match (connection.openpath, connection.two_n) {
                (Some(openpath), None) => Arc::new(openpath.open(building, &secret)?),
                (None, Some(two_n)) => Arc::new(two_n.open(building, &secret)?),
                _ => return Err(format!("{id} has to be either openpath or two_n").into()),
            };
            Ok((id, provider))
        };
        self.connections.into_iter().map(open).collect()
    }
}

type Secret<'a> = dyn Fn(&str) -> Result<String, Failure> + 'a;

impl Openpath {
    fn open(self, building: &BuildingId, secret: &Secret<'_>) -> Result<OpenpathProvider, Failure> {
        let credentials =
            Credentials::password(secret(&self.email_from)?, secret(&self.password_from)?);
        let org = OrgId::new(self.org)?;
        let client = elevate_openpath::Client::builder(self.base_url, org, credentials).build()?;
        let provider = OpenpathProvider::new(client);
        if self.sites.is_empty() {
            return Ok(provider);
        }
        let sites: Result<Vec<SiteId>, _> = self.sites.into_iter().map(SiteId::new).collect();
        Ok(provider.at_sites(building.clone(), sites?))
    }
}

impl TwoN {
    fn open(self, building: &BuildingId, secret: &Secret<'_>) -> Result<TwoNProvider, Failure> {
        let mut client = Client::builder(ApiKey::new(secret(&self.key_from)?)?);
        if let Some(base_url) = self.base_url {
            client = client.base_url(base_url);
        }
        let mut settings = TwoNSettings::new(building.clone()).units(match self.units {
            From::Spaces => Units::Spaces,
            From::SpaceDisplayNames => Units::SpaceDisplayNames,
            From::SpaceKeys => Units::SpaceKeys,
        });
        if let Some(workspace) = self.workspace {
            settings = settings.workspace(WorkspaceId::new(workspace)?);
        }
        if !self.connected_accounts.is_empty() {
            let accounts = self.connected_accounts.into_iter().map(ConnectedAccountId::new);
            settings = settings.connected_accounts(accounts.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(TwoNProvider::new(client.build()?, settings))
    }
}
