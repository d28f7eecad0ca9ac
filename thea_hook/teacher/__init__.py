"""The teacher: a large language model behind a server that the user runs, asked last and only if the user wants it.

Nothing is imported here, and nothing below is imported before a text is to be sent: most runs never ask.

The way of a question: ``advice`` knows which texts need one, ``excerpt`` chooses what the teacher sees of it,
``redact`` hides what ``sensitive`` takes for a secret, ``prompts`` words the question, ``ollama`` or ``openai`` puts
it to a server whose address ``guard`` let pass and ``transport`` talks to, ``reply`` reads the answer, ``confine``
and the verification of every other repair refuse what is none.
"""
