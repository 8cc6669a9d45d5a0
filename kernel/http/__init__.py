"""HTTP: a service states its routes as plain tables, the kit makes endpoints of them.

    COMMANDS = (
        post("/cases", RequestReferral, allow(Role.OFFICER), REFERRAL),
        post("/cases/{case}/screening", ScreenReferral, allow(Role.COORDINATOR), REFERRAL),
    )

    @get("/cases/{case}", allow(Role.COORDINATOR), reads="case_status")
    async def show_case(case: UUID, asked: Asked) -> CaseStatus:
        found = await asked.find("case_status", case)
        if found is None or not asked.sees(found.body["organisations"]):
            raise NotFound
        return CaseStatus.model_validate(found.body)

    ROUTES = (*COMMANDS, show_case)

A path with one id names the subject of the command; one without opens a new stream, whose id is
made of the command's own. The command model is the body. `through=` takes a function
`async (body, order) -> Accepted | Refused` where one request needs more than one command.

Of each command about a record the kit also makes `/cases/{case}/can/ScreenReferral`: whether it
would be accepted, now or `?as_of=` a moment, and if not, why. `GET` takes the command's fields as
query parameters, `POST` as its body (`kernel.http.can`).
"""

from kernel.http.ask import Asked, Page, Paging
from kernel.http.order import Order
from kernel.http.policy import Policy, allow, allow_all_but, allow_hub
from kernel.http.problems import NotFound, Problem
from kernel.http.routes import Route, get, post

__all__ = [
    "Asked",
    "NotFound",
    "Order",
    "Page",
    "Paging",
    "Policy",
    "Problem",
    "Route",
    "allow",
    "allow_all_but",
    "allow_hub",
    "get",
    "post",
]
