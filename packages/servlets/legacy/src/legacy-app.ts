import express from 'express'

const plans = [
  { name: 'Free', gigabytes: 2, eurosAMonth: 0 },
  { name: 'Home', gigabytes: 200, eurosAMonth: 3 },
  { name: 'Office', gigabytes: 2000, eurosAMonth: 12 },
]

/** The app as it was before: it knows nothing of the platform, and would run on any port of its own. */
export function createApp() {
  const app = express()
  const feedback: { from: string; text: string }[] = []

  app.disable('x-powered-by')
  app.use(express.urlencoded({ extended: false, limit: '10kb' }))

  app.get('/', (req, res) => {
    const rows = plans.map((plan) => `<li>${plan.name}: ${plan.gigabytes} GB, ${plan.eurosAMonth} €</li>`)
    res.send(
      page(`
        <ul>${rows.join('')}</ul>
        <form method="post" action="${req.baseUrl}/feedback">
          <input name="from" placeholder="Your name">
          <textarea name="text"></textarea>
          <button>Send</button>
        </form>`),
    )
  })

  app.get('/plans.json', (_req, res) => {
    res.json(plans)
  })

  app.get('/pricing', (req, res) => {
    res.redirect(301, `${req.baseUrl}/`)
  })

  app.post('/feedback', (req, res) => {
    const { from, text } = req.body ?? {}
    if (typeof from !== 'string' || typeof text !== 'string' || text.trim() === '') {
      res.status(400).send(page('<p>Please write something.</p>'))
      return
    }
    feedback.push({ from, text })
    res.redirect(303, `${req.baseUrl}/feedback`)
  })

  app.get('/feedback', (_req, res) => {
    const items = feedback
      .slice(-20)
      .map(({ from, text }) => `<li><b>${escapeHtml(from)}</b> ${escapeHtml(text)}</li>`)
    res.send(page(`<h2>Thank you!</h2><ul>${items.join('')}</ul>`))
  })

  return app
}

function page(content: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Acme Files</title><h1>Acme Files</h1>${content}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
