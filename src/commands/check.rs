use super::database::ServerArgs;
use super::needs;
use crate::app::BaseUrl;
use crate::carriers::settings::CarrierSettings;
use crate::carriers::{CarrierError, Carriers};
use crate::clock::Clock;
use crate::config::Production;
use crate::payments::Gateways;
use crate::payments::check::{Clocked, clocks};
use crate::payments::settings::GatewaySettings;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    database: ServerArgs,
    #[command(flatten)]
    production: Production,
    #[command(flatten)]
    gateways: GatewaySettings,
    #[command(flatten)]
    carriers: CarrierSettings,
}

impl Check {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut wrong: Vec<String> = self
            .production
            .missing(self.database.url())
            .iter()
            .map(|setting| format!("{setting}: is missing"))
            .collect();
        wrong.extend(needs::wrong_settings(&self.production));
        wrong.extend(needs::wrong_surroundings(&self.production, &self.database).await);
        let (clock, base_url) = (Clock::real(), BaseUrl::new(self.production.base_url.as_deref().unwrap_or_default()));
        match self.gateways.gateways(&base_url, &clock) {
            Ok(gateways) if gateways.is_empty() => wrong.push("no payment gateway is set up".to_owned()),
            Ok(gateways) => match Gateways::production(gateways) {
                Ok(gateways) => wrong.extend(ask(&gateways, &clock).await),
                Err(pretends) => wrong.push(pretends.to_string()),
            },
            Err(problems) => wrong.extend(problems.iter().map(ToString::to_string)),
        }
        match self.carriers.carriers(&clock) {
            Ok(configured) if configured.names.is_empty() => {
                wrong.push("CARRIERS_FILE: no carrier is set up".to_owned())
            }
            Ok(configured) => wrong.extend(ask_carriers(&configured.carriers, &clock).await),
            Err(problems) => wrong.extend(problems),
        }
        for line in &wrong {
            println!("wrong  {line}");
        }
        println!("{} {}", wrong.len(), if wrong.len() == 1 { "problem" } else { "problems" });
        Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Each gateway's answer, and what is wrong with it.
async fn ask(gateways: &Gateways, clock: &Clock) -> Vec<String> {
    let mut wrong = vec![];
    for Clocked { gateway, apart } in clocks(gateways, clock).await {
        match apart {
            Ok(apart) if apart.is_fine() => {
                println!("ok     {gateway}: answers and knows our keys, its clock is {apart} from ours")
            }
            Ok(apart) => wrong.push(format!("{gateway}: its clock is {apart} from ours; set this machine's clock")),
            Err(error) => wrong.push(format!("{gateway}: {error}")),
        }
    }
    wrong
}

/// Whether each carrier knows us, and what the operator has left with it.
async fn ask_carriers(carriers: &Carriers, clock: &Clock) -> Vec<String> {
    let mut wrong = vec![];
    for code in carriers.codes() {
        let asked = async {
            let connection = carriers.get(code)?;
            let credit = connection.ask(clock.now(), connection.carrier.credit()).await?;
            Ok::<_, CarrierError>((connection.carrier.facts().protocol, credit))
        };
        match asked.await {
            Ok((protocol, Some(credit))) if !credit.is_positive() => {
                wrong.push(format!("{code} ({protocol}): nothing is left with the carrier ({})", credit.amount()));
            }
            Ok((protocol, Some(credit))) => {
                println!(
                    "ok     {code} ({protocol}): answers, {} {} left with it",
                    credit.amount(),
                    credit.currency.code()
                );
            }
            Ok((protocol, None)) => println!("ok     {code} ({protocol}): is set up; it names no credit"),
            Err(error) => wrong.push(format!("{code}: {error}")),
        }
    }
    wrong
}
