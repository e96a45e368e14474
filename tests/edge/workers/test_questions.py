"""Questions over a line, and what becomes of those that nobody answers."""

from __future__ import annotations

import asyncio

from pennon.edge.workers.questions import Questions


class TestQuestions:
    async def test_each_has_its_own_answer(self) -> None:
        """Answers may come in any order."""
        questions, sent = Questions[str](), list[int]()
        asking = asyncio.gather(*(questions.ask(sent.append, 60) for _ in range(2)))
        await asyncio.sleep(0)
        for number in reversed(sent):
            questions.answer(number, f"answer {number}")

        assert await asking == [f"answer {number}" for number in sent]

    async def test_nobody_answers(self) -> None:
        """Who asks is told so, and an answer that comes late is for nobody."""
        questions, sent = Questions[str](), list[int]()
        answer = await questions.ask(sent.append, 0)
        questions.answer(sent[0], "late")

        assert answer is None

    async def test_answered_twice(self) -> None:
        """The first answer counts."""
        questions, sent = Questions[str](), list[int]()
        asking = asyncio.create_task(questions.ask(sent.append, 60))
        await asyncio.sleep(0)
        questions.answer(sent[0], "first")
        questions.answer(sent[0], "second")

        assert await asking == "first"
