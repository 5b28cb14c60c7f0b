use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Becomes true at the first SIGTERM or SIGINT; a second one ends the process at once.
pub fn on_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (tell, told) = watch::channel(false);
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if !first {
                std::process::exit(130);
            }
            let _ = tell.send(true);
        }
    });
    Ok(told)
}

/// Has whatever would go on for ever end when we are told to stop.
pub fn then(stop: watch::Receiver<bool>, end: impl FnOnce() + Send + 'static) {
    tokio::spawn(async move {
        told(stop).await;
        end();
    });
}

pub async fn told(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
