/** Guests: who is let in from outside, and what they ask for. */
import type { Folds } from './folds';

export const guestFolds = {
  guest_admitted: (state, event, record) => {
    const { guest_id, name, thread_id, digest, scope, expires_at } = event;
    if (state.guests[guest_id] !== undefined || state.threads[thread_id] === undefined) {
      return;
    }
    state.guests[guest_id] = {
      guest_id,
      name,
      thread_id,
      digest,
      scope,
      expires_at,
      admitted_at: record.at,
      admitted_by: record.actor,
      used_at: null
    };
  },
  guest_revoked: (state, event) => {
    delete state.guests[event.guest_id];
  },
  calls_requested: (state, event, record) => {
    const run = state.runs[event.run_id];
    if (run?.status !== 'queued' && run?.status !== 'running') {
      return;
    }
    const { request_id, digest, calls } = event;
    const request = { request_id, digest, at: record.at, calls };
    state.runs[run.run_id] = { ...run, requests: [...run.requests, request] };
    const guest = state.guests[record.actor.id];
    if (guest !== undefined) {
      state.guests[guest.guest_id] = { ...guest, used_at: record.at };
    }
  },
  request_withdrawn: (state, event) => {
    const run = state.runs[event.run_id];
    if (run?.status !== 'queued' && run?.status !== 'running') {
      return;
    }
    const requests = run.requests.map(each =>
      each.request_id === event.request_id ? { ...each, calls: [] } : each
    );
    state.runs[run.run_id] = { ...run, requests };
  }
} satisfies Partial<Folds>;
