"""The critic's log-odds as a reward of the generator, with a pull to what it drew before.

Every ``reward_every`` steps the generator's networks are updated once more, on
  λ · mean −log σ(critic(G(z)))  +  μ · mean ‖G(z) − G₀(z)‖² / (2 s²)
with λ, μ multiplied by ``reward_every`` (lazy regularisation, Karras et al. 2020, "Analyzing and
improving the image quality of StyleGAN", section 3.1), on as many images as half a batch has, so
that a step takes little longer. The second term is the Kullback–Leibler
divergence of N(G(z), s²) from N(G₀(z), s²), G₀ the frozen parent: what Stiennon et al. 2020,
"Learning to summarize from human feedback", add to a reward so that it is not hacked. Images are
altered gently before the critic sees them, and its members take turns.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.feedback.gentle_augmentation import gently_altered
from engine.feedback.realism_critic import RealismCritic
from engine.gans.batch import Batch
from engine.gans.latent_variant import LatentVariant
from engine.training.config import FeedbackConfig

#: s of the pull: a tenth of the grey range's half
_OBSERVATION_SD = 0.1


class Reward:
    """Teaches one variant; ``parent`` is the frozen copy it is held to, None without a pull."""

    def __init__(
        self, critic: RealismCritic, parent: LatentVariant | None, config: FeedbackConfig
    ) -> None:
        self.critic = critic
        self._parent = parent
        self._config = config
        self._told = {"reward": torch.zeros(()), "pull": torch.zeros(())}

    def teach(self, variant: LatentVariant, batch: Batch, step: int) -> dict[str, Tensor]:
        """One update of the generator's networks where ``step`` is one for it.

        Returns the losses "reward" and "pull", those of the last such step in between.
        """
        config = self._config
        if step % config.reward_every:
            return dict(self._told)
        turn = step // config.reward_every % self.critic.n_members

        def loss(part: Batch) -> dict[str, Tensor]:
            z = part.draws("reward latent").normal(variant.latent_size)
            drawn = variant.generate(z, part.labels)
            shown = gently_altered(drawn, part.draws("reward augment"))
            reward = -F.logsigmoid(self.critic.member(turn, shown)).mean()
            pull = self._pull(drawn, z, part.labels)
            weighted = config.critic_weight * reward + config.pull_weight * pull
            return {"loss": config.reward_every * weighted, "reward": reward, "pull": pull}

        for name in variant.sampling_networks():
            told = variant.minimise(name, batch.half(), loss)
            self._told = {"reward": told["reward"], "pull": told["pull"]}
        return dict(self._told)

    def _pull(self, drawn: Tensor, z: Tensor, labels: Tensor) -> Tensor:
        if self._parent is None:
            return drawn.new_zeros(())
        with torch.no_grad():
            before = self._parent.generate(z, labels)
        return (drawn - before).square().mean() / (2 * _OBSERVATION_SD**2)
