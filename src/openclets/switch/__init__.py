"""The message switch: carries one inquiry from receipt to reply.

`process.py` is the contents page. Nothing is asked and nothing leaves before its journal entry is durable.
Enters `InquiryPermitted`, `InquiryRefused`, `ReplyReleased`, `LateAnswer`, `LegsGivenUp`, `InquiryAbandoned`,
`TransactionReread`.
"""
