mod prefer;
mod show;
mod top_up;

pub use prefer::prefer;
pub use show::show;
pub use top_up::top_up;
