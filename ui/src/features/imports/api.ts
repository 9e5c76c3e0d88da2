// Imports: a file that is uploaded, mapped, tried, run and undone.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

export type Import = Schema<'FileImport'>
export type ImportFormat = Schema<'ImportFormat'>
export type ImportSettings = Schema<'ImportSettings'>
export type Trial = Schema<'Trial'>
export type KeptRecord = Schema<'KeptRecord'>
export type RowKind = Schema<'RowKind'>

export const kinds: RowKind[] = ['company', 'contact', 'lead', 'user']

export const importsApi = {
  list: (query: Paging) => answer(http.GET('/api/v1/imports', { params: { query: chosen(query) } })),
  one: (id: number) => answer(http.GET('/api/v1/imports/{id}', at(id))),
  upload: (file: File) => {
    const form = new FormData()
    form.append('file', file, file.name)
    return answer(
      http.POST('/api/v1/imports', {
        body: { file: '' },
        bodySerializer: () => form,
        headers: { accept: 'application/json' },
      }),
    )
  },
  change: (id: number, settings: ImportSettings) =>
    answer(http.PUT('/api/v1/imports/{id}', { ...at(id), body: settings })),
  discard: (id: number) => answer(http.DELETE('/api/v1/imports/{id}', at(id))),
  dryRun: (id: number) => answer(http.POST('/api/v1/imports/{id}/dry-run', at(id))),
  run: (id: number) => answer(http.POST('/api/v1/imports/{id}/run', at(id))),
  undo: (id: number) => answer(http.POST('/api/v1/imports/{id}/undo', at(id))),
  kept: (id: number, query: Paging) =>
    answer(http.GET('/api/v1/imports/{id}/kept', { params: { path: { id }, query: chosen(query) } })),
  /** Where the refused rows can be downloaded. */
  refused: (id: number) => `/api/v1/imports/${id}/refused`,
}

/** Whether the server works on the import, so that it has to be asked again. */
export const busy = ({ state }: Import): boolean => state === 'checking' || state === 'running' || state === 'undoing'
