/** Who counts under a confirmation's policy, exactly as `jupyter_copilot/core/permissions/deciders.py` judges. */
import type { Actor, Policy } from '../../protocol';

/** Why somebody does not count: they asked for it, or it is for others to decide; null when they do. */
export function notCounted(
  policy: Policy,
  { id, groups }: { id: string; groups: readonly string[] },
  askers: readonly Pick<Actor, 'kind' | 'id'>[],
  now: number
): 'asker' | 'named' | null {
  const asked = askers.some(asker => asker.kind === 'person' && asker.id === id);
  if (policy.not_asker && asked) {
    return 'asker';
  }
  if (policy.people.length === 0 && policy.groups.length === 0) {
    return null;
  }
  const isEscalated = policy.escalate_at !== null && policy.escalate_at <= now;
  const counted = [...policy.groups, ...(isEscalated ? policy.escalate_to : [])];
  const counts = policy.people.includes(id) || counted.some(group => groups.includes(group));
  return counts ? null : 'named';
}
