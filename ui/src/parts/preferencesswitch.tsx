import { useAppContext, useI18n } from '../app/context'

/** Russian or English, light or dark. */
export function PreferencesSwitch() {
  const { preferences, scheme, setPreferences } = useAppContext()
  const { t } = useI18n()
  const dark = scheme === 'dark'
  return (
    <div className="preferences" role="group" aria-label={t('app.language')}>
      {(['ru', 'en'] as const).map((lang) => (
        <button
          key={lang}
          type="button"
          lang={lang}
          className="plain"
          aria-pressed={preferences.lang === lang}
          onClick={() => setPreferences({ lang, chosen: true })}
        >
          {lang === 'ru' ? 'Русский' : 'English'}
        </button>
      ))}
      <button type="button" className="plain" onClick={() => setPreferences({ scheme: dark ? 'light' : 'dark' })}>
        {t(dark ? 'app.scheme.light' : 'app.scheme.dark')}
      </button>
    </div>
  )
}
