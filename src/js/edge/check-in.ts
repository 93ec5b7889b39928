// Check-ins: that a job of a schedule has begun, and how it ended. A server that hears nothing at the time knows that it
// did not run.

import { clock } from '../clock.js';
import { mint } from '../id.js';
import { attempt } from '../instrument/index.js';
import { cut, describe, get, isFunction, type Bag } from '../values.js';
import { client, options } from './wrap.js';

export interface MonitorConfig {
  /** When the job runs. */
  schedule:
    | { type: 'crontab'; value: string }
    | { type: 'interval'; value: number; unit: 'year' | 'month' | 'week' | 'day' | 'hour' | 'minute' };
  /** Minutes that it may be late. */
  checkinMargin?: number;
  /** Minutes that it may take. */
  maxRuntime?: number;
  /** Of the schedule, such as `Europe/Vienna`. */
  timezone?: string;
  /** Failures in a row that make an issue. */
  failureIssueThreshold?: number;
  /** Successes in a row that resolve it. */
  recoveryThreshold?: number;
  /** `user:ID` or `team:ID`. */
  owner?: string;
}

export interface CheckIn {
  /** The monitor's name: at most 50 of `a` to `z`, `0` to `9`, `-` and `_`. */
  monitorSlug: string;
  status: 'in_progress' | 'ok' | 'error';
  /** What `captureCheckIn` gave back for the same run. */
  checkInId?: string;
  /** Seconds. */
  duration?: number;
}

const enum Max {
  Slug = 50,
  Text = 200,
}

const text = (value: unknown): string | undefined => (value === undefined ? value : cut(describe(value), Max.Text));

function configOf(config: MonitorConfig | undefined): Bag | undefined {
  if (!config) return undefined;
  const { schedule, checkinMargin, maxRuntime, timezone, failureIssueThreshold, recoveryThreshold, owner } = config;
  const { type, value } = schedule;
  return {
    schedule: { type: text(type), value: typeof value === 'number' ? value : text(value), unit: text(get(schedule, 'unit')) },
    checkin_margin: checkinMargin,
    max_runtime: maxRuntime,
    timezone: text(timezone),
    failure_issue_threshold: failureIssueThreshold,
    recovery_threshold: recoveryThreshold,
    owner: text(owner),
  };
}

/** Says that a run of a job has begun, or how it ended; gives back the run's id. With `config` a server that does not
 * know the monitor creates it, and one that does updates it. */
export function captureCheckIn(checkIn: CheckIn, config?: MonitorConfig): string {
  let id = mint();
  attempt(() => {
    const { monitorSlug, status, checkInId, duration } = checkIn;
    id = checkInId || id;
    client?.checkIn_!({
      check_in_id: id,
      monitor_slug: describe(monitorSlug).slice(0, Max.Slug),
      status,
      duration,
      monitor_config: configOf(config),
    });
  });
  return id;
}

/** Runs a job, and says when it begins and how it ends. What it gives back, or throws, is passed on. */
export function withMonitor<T>(monitorSlug: string, fn: () => T, config?: MonitorConfig): T {
  const checkInId = captureCheckIn({ monitorSlug, status: 'in_progress' }, config);
  const start = clock();
  const end = (status: 'ok' | 'error'): void =>
    void captureCheckIn({ monitorSlug, status, checkInId, duration: (clock() - start) / 1000 }, config);
  let result: T;
  try {
    result = fn();
  } catch (error) {
    end('error');
    throw error;
  }
  const then = get(result, 'then');
  if (!isFunction(then)) {
    end('ok');
    return result;
  }
  return (result as Promise<never>).then(
    (value) => (end('ok'), value),
    (error: unknown) => {
      end('error');
      throw error;
    },
  ) as T;
}

/** Each of a schedule's signs in letters that a slug may have. */
const SIGNS: Record<string, string> = { ' ': '_', '*': 'x', ',': '-', '-': '--', '/': '-per-' };

const slugOf = (cron: string): string => 'cron_' + cron.toLowerCase().replace(/[^a-z0-9]/g, (sign) => SIGNS[sign] ?? '-no-');

/** Runs what a schedule has called for, checked in if the options say so. */
export function checkedIn<T>(cron: string, fn: () => T): T {
  const { monitors } = options;
  const slug = monitors && attempt(() => (isFunction(monitors) ? monitors(cron) : slugOf(cron)));
  return slug ? withMonitor(slug, fn, { schedule: { type: 'crontab', value: cron }, timezone: 'UTC' }) : fn();
}
