import { useHouse } from '../house'

/** Russian or English, light or dark. */
export function TasteSwitch() {
  const { taste, scheme, like, tongue } = useHouse()
  const { t } = tongue
  const dark = scheme === 'dark'
  return (
    <div className="taste" role="group" aria-label={t('app.language')}>
      {(['ru', 'en'] as const).map((lang) => (
        <button
          key={lang}
          type="button"
          lang={lang}
          className="plain"
          aria-pressed={taste.lang === lang}
          onClick={() => like({ lang, chosen: true })}
        >
          {lang === 'ru' ? 'Русский' : 'English'}
        </button>
      ))}
      <button type="button" className="plain" onClick={() => like({ scheme: dark ? 'light' : 'dark' })}>
        {t(dark ? 'app.scheme.light' : 'app.scheme.dark')}
      </button>
    </div>
  )
}
