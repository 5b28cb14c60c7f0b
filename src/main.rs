use clap::Parser;
use renewal_portal::commands::Command;
use std::process::ExitCode;

// A page makes hundreds of small strings; this allocator takes about half of glibc's time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Renew prepaid eSIMs and FM cards in a browser: one binary and Postgres.
///
/// `renewal-portal demo` starts everything on this machine, with a believable operator in it.
/// For production set DATABASE_URL and the settings that `renewal-portal serve --help` names.
#[derive(Parser)]
#[command(version, about, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(cli.command.run()),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("renewal-portal: {error:#}");
            ExitCode::from(2)
        }
    }
}
