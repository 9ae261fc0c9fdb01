//! The calls that wait for JavaScript, taken in turns over the connections that they came from.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::state::CallState;

/// Empty queues that are kept to be used again.
const MAX_SPARE: usize = 64;

/// Calls in the order in which they came, for each connection. One with thousands of calls delays the others by one
/// call for each of theirs.
#[derive(Default)]
pub struct CallQueue {
    /// The calls of each connection that has some.
    waiting: FxHashMap<u64, VecDeque<Arc<CallState>>>,
    /// The connections that have some; the first one is next.
    turns: VecDeque<u64>,
    spare: Vec<VecDeque<Arc<CallState>>>,
    count: usize,
}

impl CallQueue {
    /// The number of calls.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Adds a call behind those of its connection.
    pub fn push(&mut self, call: Arc<CallState>) {
        let connection = call.budget.id();
        let (spare, turns) = (&mut self.spare, &mut self.turns);
        let calls = self.waiting.entry(connection).or_insert_with(|| {
            turns.push_back(connection);
            spare.pop().unwrap_or_default()
        });
        calls.push_back(call);
        self.count += 1;
    }

    /// The first call of the connection whose turn it is.
    pub fn pop(&mut self) -> Option<Arc<CallState>> {
        let connection = self.turns.pop_front()?;
        let calls = self.waiting.get_mut(&connection)?;
        let call = calls.pop_front();
        if calls.is_empty() {
            self.remove(connection);
        } else {
            self.turns.push_back(connection);
        }
        self.count -= usize::from(call.is_some());
        call
    }

    /// Removes the calls that `keep` rejects.
    pub fn retain(&mut self, keep: impl Fn(&CallState) -> bool) {
        for calls in self.waiting.values_mut() {
            calls.retain(|call| keep(call));
        }
        self.waiting.retain(|_, calls| !calls.is_empty());
        self.turns.retain(|connection| self.waiting.contains_key(connection));
        self.count = self.waiting.values().map(VecDeque::len).sum();
    }

    fn remove(&mut self, connection: u64) {
        if let Some(empty) = self.waiting.remove(&connection)
            && self.spare.len() < MAX_SPARE
        {
            self.spare.push(empty);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Budget, ConnectionBudget, Limits, Window};

    fn connections<const COUNT: usize>() -> [Arc<ConnectionBudget>; COUNT] {
        let budget = Budget::new(Limits { total: 0, connection: 0, own: 0 });
        std::array::from_fn(|_| budget.connection(Window { stream_bytes: 0, full_streams: 0 }))
    }

    fn call(id: u64, connection: &Arc<ConnectionBudget>) -> Arc<CallState> {
        CallState::of_test(id, false, connection)
    }

    fn ids(queue: &mut CallQueue) -> Vec<u64> {
        std::iter::from_fn(|| queue.pop()).map(|call| call.id).collect()
    }

    #[test]
    fn connections_take_turns() {
        let [greedy, modest, late] = connections();
        let mut queue = CallQueue::default();
        (0..5).for_each(|id| queue.push(call(id, &greedy)));
        (10..12).for_each(|id| queue.push(call(id, &modest)));
        assert_eq!(queue.pop().map(|call| call.id), Some(0));
        queue.push(call(20, &late));
        assert_eq!(queue.len(), 7);
        assert_eq!(ids(&mut queue), [10, 1, 20, 11, 2, 3, 4]);
        assert_eq!(queue.len(), 0);
        queue.push(call(30, &greedy));
        assert_eq!(ids(&mut queue), [30], "also after it was empty");
    }

    #[test]
    fn a_connection_whose_calls_are_all_removed_has_no_turn() {
        let [one, two] = connections();
        let mut queue = CallQueue::default();
        for (id, from) in [(1, &one), (2, &two), (3, &one), (4, &two)] {
            queue.push(call(id, from));
        }
        queue.retain(|call| call.id % 2 == 0);
        assert_eq!(queue.len(), 2);
        assert_eq!(ids(&mut queue), [2, 4]);
    }
}
