import { bundleServlet, type Publishing, platformOf, publishRelease } from '@atlas/release'

/** What versions are made with. */
export const making: Publishing = { bundleServlet, platformOf, publishRelease }
