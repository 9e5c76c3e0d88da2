import { useQuery } from '@tanstack/react-query'
import { api } from '../../../api/routes'
import { useTongue } from '../../house'

/** Gives what people call a dialect; its own name until that is known. */
export function useDialects(): (dialect: string) => string {
  const tongue = useTongue()
  const { data } = useQuery({ queryKey: ['dialects'], queryFn: api.dialects, staleTime: Infinity })
  return (dialect) => {
    const found = data?.items.find(({ name }) => name === dialect)
    return found ? tongue.in(found.title) : dialect
  }
}
