import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import {
  BadRequestException,
  Body,
  type CallHandler,
  Controller,
  HttpCode,
  Module,
  type NestInterceptor,
  type PipeTransform,
  Post,
  UseInterceptors,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { map } from 'rxjs'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

// On fastify, the faster of its two adapters. Node strips types but no decorators, so these are called as functions.
const input = z.compile(Order)
const output = z.compile(Receipt)

class ValidOrder implements PipeTransform {
  transform(value: unknown): Order {
    const parsed = input.safeParse(value)
    if (!parsed.success) throw new BadRequestException(parsed.error.issues)
    return parsed.data
  }
}

class ValidReceipt implements NestInterceptor {
  intercept(_: unknown, next: CallHandler) {
    return next.handle().pipe(map((receipt) => output.parse(receipt)))
  }
}

class Orders {
  async place(order: Order): Promise<Receipt> {
    return receiptOf(order)
  }
}

const method = Object.getOwnPropertyDescriptor(Orders.prototype, 'place')!
Post('orders')(Orders.prototype, 'place', method)
HttpCode(200)(Orders.prototype, 'place', method)
UseInterceptors(ValidReceipt)(Orders.prototype, 'place', method)
Body(ValidOrder)(Orders.prototype, 'place', 0)
Controller()(Orders)

class App {}
Module({ controllers: [Orders] })(App)

const app = await NestFactory.create<NestFastifyApplication>(
  App,
  new FastifyAdapter({ bodyLimit: maxBodyBytes }),
  { logger: false },
)
await app.listen(0, '127.0.0.1')
announce((app.getHttpServer().address() as AddressInfo).port)
