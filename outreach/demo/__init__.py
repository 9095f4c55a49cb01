"""The whole job, played on loopback: real protocols, publishers that answer, and a clock that runs.

Servers here are real servers on 127.0.0.1; names under `.test` lead there in this process only.
"""
