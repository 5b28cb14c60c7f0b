use clap::Args;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Args)]
pub struct Healthcheck {
    /// The address to ask.
    #[arg(default_value = "http://127.0.0.1:8080/health/ready")]
    url: String,
}

impl Healthcheck {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(3)).build()?;
        let ready = client.get(&self.url).send().await.is_ok_and(|answer| answer.status().is_success());
        Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
