"""Rows that others published, in percent."""

from __future__ import annotations

# Larson et al., EMNLP 2019, full set, its own test split: in-scope accuracy, out-of-scope recall at point A.
CLINC150 = (
    ("Rasa 2019 (published)", 90.9, 31.2),
    ("BERT (published)", 96.2, 52.3),
    ("BERT taught out-of-scope rows (published)", 96.9, 40.3),
)
# HINT3 v1: in-scope accuracy, AUROC, and in-scope accuracy at 80 % out-of-scope recall, computed from the
# predictions that its authors published (hellohaptik/HINT3, folder preds) on the very rows measured here.
HINT3 = {
    "sofmattress": (
        ("Rasa 2020 (published)", 69.3, 79.2, 50.6),
        ("Dialogflow (published)", 73.2, 86.9, 63.6),
        ("LUIS (published)", 63.6, 86.8, 54.5),
        ("BERT (published)", 73.6, 86.8, 62.3),
    ),
    "curekart": (
        ("Rasa 2020 (published)", 84.1, 80.1, 64.2),
        ("Dialogflow (published)", 75.0, 85.6, 63.7),
        ("LUIS (published)", 73.7, 82.7, 56.4),
        ("BERT (published)", 83.6, 82.4, 70.1),
    ),
}
BANKING77 = (("BERT tuned (published, its test split)", 93.66),)
