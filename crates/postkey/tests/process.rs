//! The binary as a process: what it refuses, what it survives. Every test starts its own.

#[cfg(test)]
#[path = "process/backup.rs"]
mod backup;
#[cfg(test)]
#[path = "process/clients.rs"]
mod clients;
#[cfg(test)]
#[path = "process/command.rs"]
mod command;
#[cfg(test)]
#[path = "process/copy.rs"]
mod copy;
#[cfg(test)]
#[path = "process/crash.rs"]
mod crash;
#[cfg(test)]
#[path = "process/database.rs"]
mod database;
#[cfg(test)]
#[path = "process/disk.rs"]
mod disk;
#[cfg(test)]
#[path = "process/doors.rs"]
mod doors;
#[cfg(test)]
#[path = "process/events.rs"]
mod events;
#[cfg(test)]
#[path = "process/import.rs"]
mod import;
#[cfg(test)]
#[path = "process/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "process/kit.rs"]
mod kit;
#[cfg(test)]
#[path = "process/limits.rs"]
mod limits;
#[cfg(test)]
#[path = "process/logs.rs"]
mod logs;
#[cfg(test)]
#[path = "process/people.rs"]
mod people;
#[cfg(test)]
#[path = "process/restart.rs"]
mod restart;
#[cfg(test)]
#[path = "process/silent.rs"]
mod silent;
#[cfg(test)]
#[path = "process/templates.rs"]
mod templates;
#[cfg(test)]
#[cfg(feature = "otel")]
#[path = "process/traces.rs"]
mod traces;
#[cfg(test)]
#[path = "process/upkeep.rs"]
mod upkeep;
#[cfg(test)]
#[path = "process/webhooks.rs"]
mod webhooks;
