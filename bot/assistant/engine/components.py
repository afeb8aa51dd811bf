"""Our two parts of Rasa's graph: what a text means, and what it mentions.

They are thin on purpose: `reader` and `mentions` do the work and know nothing of Rasa. Rasa wires nodes by
the names of their parameters and checks every annotation, so signatures here may not be reworded.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.assistant.engine.bands import DEFAULT_COSTS, faults_of
from bot.assistant.engine.encoders import ENCODERS
from bot.assistant.engine.mentions import MentionFinder
from bot.assistant.engine.normalise import fold
from bot.assistant.engine.reader import IntentReader
from bot.assistant.engine.understanding import Understander

DOMAIN_ENTITIES = ("place", "request_number", "date")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TownlineReader(GraphComponent, IntentClassifier):
    """Reads intents and mentions of a message. Its options are explained in config.yml."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"encoder": "minilm", "costs": DEFAULT_COSTS, "limits": {}}

    @staticmethod
    def required_packages() -> List[str]:
        return ["sklearn", "onnxruntime"]

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        merged = {**cls.get_default_config(), **config}
        faults = faults_of(merged["costs"], merged["limits"])
        if merged["encoder"] not in ENCODERS:
            faults.append(f"encoder: {merged['encoder']!r} is not one of {', '.join(sorted(ENCODERS))}")
        if faults:
            raise InvalidConfigException("config.yml, TownlineReader: " + "; ".join(faults))

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.validate_config(config)
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self.understander: Understander | None = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TownlineReader:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TownlineReader:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.understander = Understander.load(folder)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            (fold(example.get("text")).text, example.get("intent"))
            for example in training_data.intent_examples
            if example.get("text") and example.get("intent")
        ]
        examples.sort(key=lambda pair: (pair[1], pair[0]))  # the order of files must not change the model
        texts, intents = [text for text, _ in examples], [intent for _, intent in examples]
        reader = IntentReader.train(texts, intents, self._config["encoder"], _progress, self._config["costs"])
        names = sorted(
            {
                str(element)
                for table in training_data.lookup_tables
                if table["name"] == "place" and isinstance(table["elements"], list)
                for element in table["elements"]
            }
        )
        self.understander = Understander(reader, MentionFinder(names), self._config["limits"])
        with self._model_storage.write_to(self._resource) as folder:
            self.understander.save(folder, examples)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        if self.understander is None:
            raise RuntimeError("the reader has no model; this is reached only by a broken archive")
        for message in messages:
            understanding = self.understander.understand(message.get("text") or "")
            message.set("intent", rasa_intent(understanding), add_to_output=True)
            message.set("entities", rasa_entities(understanding), add_to_output=True)
            message.set("understanding", understanding, add_to_output=True)
        return messages


def rasa_intent(understanding: Dict[str, Any]) -> Dict[str, Any]:
    """Return the intent in the shape that Rasa's tracker keeps."""
    return {"name": understanding["intent"], "confidence": understanding["confidence"]}


def rasa_entities(understanding: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return those entities that the domain knows, in the shape that Rasa's tracker keeps."""
    return [
        {
            "entity": entity["kind"],
            "value": entity["value"],
            "start": entity["start"],
            "end": entity["end"],
            "confidence_entity": entity["confidence"],
            "extractor": "TownlineReader",
        }
        for entity in understanding["entities"]
        if entity["kind"] in DOMAIN_ENTITIES
    ]


def _progress(step: str) -> None:
    print(json.dumps({"progress": step}), flush=True)
