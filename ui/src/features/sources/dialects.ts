import { useQuery } from '@tanstack/react-query'
import { useI18n } from '../../app/context'
import { sourcesApi } from './api'

/** Gives what people call a dialect; its own name until that is known. */
export function useDialects(): (dialect: string) => string {
  const i18n = useI18n()
  const { data } = useQuery({ queryKey: ['dialects'], queryFn: sourcesApi.dialects, staleTime: Infinity })
  return (dialect) => {
    const found = data?.items.find(({ name }) => name === dialect)
    return found ? i18n.in(found.title) : dialect
  }
}
