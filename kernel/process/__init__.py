"""Policies turn events into commands of their own service; timers turn time into commands.

    def react(state: Nothing, one: Recorded) -> Reaction[Nothing]:
        match one.event:
            case ReferralAccepted() as event:
                command = OpenConsentLedger(participants=event.participants)
                return Reaction(state, (Send("consent", one.envelope.subject, command),))
            case _:
                return Reaction(state)

    OPEN_LEDGER = Policy(
        name="open_ledger",
        topics=(Topic.CASE,),
        initial=Nothing(),
        react=react,
        gives={"consent": (OpenConsentLedger,)},
    )

A policy is a `Projection` (`react.projection`) whose document holds its state, the commands to
send, the timers and the refusals, all in one guarded write. A consumer folds it as any other, and
tells `ProcessLoop.folded`; an `Attendant` sends what stands there and fires what is due.
"""
