// The features of the application in the order of the navigation: the one place where a new one is entered.

import { calls } from '../features/calls/feature'
import { changes } from '../features/changes/feature'
import { check } from '../features/check/feature'
import { companies, contacts, leads } from '../features/clients/feature'
import { doNotCall } from '../features/donotcall/feature'
import { hooksOut } from '../features/hooksout/feature'
import { imports } from '../features/imports/feature'
import { incidents } from '../features/incidents/feature'
import { journal } from '../features/journal/feature'
import { policy } from '../features/policy/feature'
import { quality } from '../features/quality/feature'
import { requests } from '../features/requests/feature'
import { sources } from '../features/sources/feature'
import { statuses } from '../features/statuses/feature'
import { sync } from '../features/sync/feature'
import { today } from '../features/today/feature'
import { users } from '../features/users/feature'
import type { Feature } from './feature'

export const features: Feature[] = [
  today,
  check,
  calls,
  requests,
  incidents,
  companies,
  contacts,
  leads,
  doNotCall,
  imports,
  quality,
  statuses,
  policy,
  changes,
  users,
  sources,
  sync,
  hooksOut,
  journal,
]
