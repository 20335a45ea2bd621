"""The message switch: carries one inquiry from receipt to reply.

`process.py` is the contents page. Nothing is asked and nothing leaves before its journal entry is durable.
It holds no record, decides no rule and draws no page.

Enters `InquiryPermitted`, `InquiryRefused`, `ReasonOwed`, `ReasonGiven`, `ReplyReleased`, `ReplyWithheld`,
`LateAnswer`, `LegsAdded`, `LegsGivenUp`, `InquiryAbandoned`, `TransactionReread`, `RereadRefused`,
`HitAcknowledged`.
"""
