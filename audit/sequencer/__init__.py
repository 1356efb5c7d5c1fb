"""The process that integrates entries into the logs' trees and signs their checkpoints: `python -m audit.sequencer`.

It knows no Django, and holds the sequencer's database role and the signing key and no other secret (docs/adr/0040).
"""
