//! Waits to the microsecond, where the runtime's own timers round up to a millisecond.

use std::num::NonZeroU64;
use std::os::fd::OwnedFd;

use rustix::io::{Errno, read};
use rustix::thread::set_current_timer_slack;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

/// Asks the kernel for exact timers in this thread; without them it still works.
pub(super) fn exact() {
    let _refused = set_current_timer_slack(NonZeroU64::new(1));
}

/// A timer of the kernel.
#[derive(Debug)]
pub(super) struct Timer {
    fd: AsyncFd<OwnedFd>,
}

impl Timer {
    #[expect(
        deprecated,
        reason = "it takes any type that could close its descriptor early; an OwnedFd that nobody else sees cannot"
    )]
    pub(super) fn new() -> std::io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            fd: AsyncFd::new(fd)?,
        })
    }

    /// Waits until then; returns at once when it is past.
    pub(super) async fn until(&self, then: Instant) -> std::io::Result<()> {
        let left = then.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        let once = Itimerspec {
            it_interval: Timespec::default(),
            it_value: Timespec::try_from(left).map_err(std::io::Error::other)?,
        };
        timerfd_settime(&self.fd, TimerfdTimerFlags::empty(), &once)?;
        loop {
            let mut ready = self.fd.readable().await?;
            let mut expirations = [0_u8; 8];
            let got = read(&self.fd, &mut expirations);
            ready.clear_ready();
            match got {
                Ok(_) => return Ok(()),
                Err(Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
