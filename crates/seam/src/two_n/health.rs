//! Whether the connection works and is set up rightly.

use std::sync::Arc;

use elevate_access::{Check, Context, Freshness, Health};

use super::{Inner, survey::Purpose};

impl Inner {
    pub(super) async fn check(self: &Arc<Self>, context: &Context) -> Health {
        if let Err(error) = self.serves(context, None) {
            return Health::down(error.reason().clone());
        }
        let now = context.now();
        let by = Self::answer_by(context);
        let units = async { Ok(Self::listed(context, Freshness::Fresh, by).await?.value) };
        let survey = self.survey(Purpose::Health, units, now, by).await;
        let health = if let Some(reason) = survey.down {
            Health::down(reason)
        } else {
            let reasons = survey.checks.iter().filter_map(Check::failure).cloned();
            Health::degraded(reasons.collect()).last_success(Some(now))
        };
        health.with_checks(survey.checks)
    }
}
