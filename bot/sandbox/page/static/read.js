/** What each person has looked at, kept in this browser: the timestamp of the newest message seen, by conversation. */

const key = (user) => `faultdesk-read-${user}`;

function seen(user) {
  try {
    return JSON.parse(localStorage.getItem(key(user))) ?? {};
  } catch {
    return {};
  }
}

/** This person has looked at the conversation that the screen shows. */
export function markRead(user, screen) {
  const newest = screen.channels.find((one) => one.id === screen.channel).others.at(-1);
  if (newest) localStorage.setItem(key(user), JSON.stringify({ ...seen(user), [screen.channel]: newest }));
}

/** How many messages of others this person has not looked at, in one conversation. */
export function unread(user, channel) {
  const upTo = Number(seen(user)[channel.id] ?? 0);
  return channel.others.filter((ts) => Number(ts) > upTo).length;
}
