import { expect, it } from 'vitest'
import { leadsHere } from './steps'

it.each([
  ['http://127.0.0.1:8080/hooks/office', true],
  ['curl http://localhost:8080/hooks/office -d x', true],
  ['http://[::1]/hooks/office', true],
  ['https://callhue.example/hooks/office', false],
  ['https://localhost.example/hooks/office', false],
  ['', false],
])('%s leads to this machine only: %s', (text, is) => expect(leadsHere(text)).toBe(is))
