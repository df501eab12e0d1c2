"""The same model under FastAPI, as its guide would write it."""

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: int
    customer: str
    quantity: int
    price: float
    urgent: bool = False


class Bill(BaseModel):
    id: int
    customer: str
    net: float
    gross: float


app = FastAPI()


# A plain `def` would use a thread per request, which is slower.
@app.post("/models/bill")
async def bill(order: Order) -> Bill:
    net = order.quantity * order.price + (7.5 if order.urgent else 0.0)
    return Bill(id=order.id, customer=order.customer, net=net, gross=net * 1.25)
