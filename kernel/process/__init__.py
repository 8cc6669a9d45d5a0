"""Policies turn events into commands of their own service; timers turn time into commands.

    OPEN_LEDGER = Policy(
        name="open_ledger",
        topics=(Topic.CASE,),
        initial=Nothing(),
        react=lambda state, one: Reaction(state, sends=(Send("consent", case, command),)),
        gives={"consent": (OpenConsentLedger,)},
    )

A policy is a `Projection` whose document holds its state, the commands to send, the timers and
the refusals, all in one guarded write. `ProcessLoop` sends what stands there and fires what is due.
"""
