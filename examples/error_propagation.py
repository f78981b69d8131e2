"""Error propagation with correlated inputs: the covariance J·C·Jᵀ of what is computed from measurements, against Monte Carlo.

The focal length and the magnification of a lens follow from the distances of object and image, read on one ruler and therefore
correlated. J·C·Jᵀ holds where the function is nearly straight within the errors; the Hessians say how nearly: for normal errors
they give the bias tr(H·C)/2 of the mean and the term tr(Hₐ·C·H_b·C)/2 of the covariance.
"""

import numpy as np

import dualdiff as dd
from shared import BLUE, GREY, ORANGE, picture

MEASURED, ERRORS, CORRELATION = np.array([300.0, 450.0]), np.array([12.0, 30.0]), 0.7  # mm
C = np.outer(ERRORS, ERRORS) * np.array([[1, CORRELATION], [CORRELATION, 1]])
DRAWN = 1_000_000


def lens(x):
    """Focal length and magnification from the distances of object and image."""
    return np.stack([x[0] * x[1] / (x[0] + x[1]), x[1] / x[0]])


def ellipse(mean, covariance, sigmas=2):
    angle = np.linspace(0, 2 * np.pi, 200)
    return mean[:, None] + sigmas * np.linalg.cholesky(covariance) @ np.stack([np.cos(angle), np.sin(angle)])


def main():
    value, J = dd.value_and_jacobian(lens)(MEASURED)
    HC = dd.jacobian(dd.jacobian(lens))(MEASURED) @ C  # of shape (output, input, input)
    linear, uncorrelated = J @ C @ J.T, J @ np.diag(ERRORS**2) @ J.T
    mean, second = value + np.trace(HC, axis1=1, axis2=2) / 2, linear + np.einsum("aij,bji->ab", HC, HC) / 2
    samples = lens(np.random.default_rng(1).multivariate_normal(MEASURED, C, DRAWN, method="cholesky").T)
    print(f"{'':26}{'focal length':>24}{'magnification':>24}{'correlation':>14}")
    ways = {"J·C·Jᵀ, C diagonal": (value, uncorrelated), "J·C·Jᵀ": (value, linear), "with Hessians": (mean, second),
            f"{DRAWN:,} samples": (samples.mean(axis=1), np.cov(samples))}
    for way, (middle, covariance) in ways.items():
        f, m = np.sqrt(np.diag(covariance))
        print(f"{way:26}{middle[0]:14.3f} ± {f:7.3f}{middle[1]:14.5f} ± {m:7.5f}{covariance[0, 1] / f / m:14.4f}")

    def draw(axes):
        axes.plot(*samples[:, :4000], ".", color=GREY, ms=1.5, alpha=0.4, label="samples")
        axes.plot(*ellipse(value, uncorrelated), "--", color=ORANGE, label="correlation forgotten")
        axes.plot(*ellipse(value, linear), color=BLUE, label="J C Jᵀ")
        axes.set(xlabel="focal length (mm)", ylabel="magnification", title="Two standard deviations")
        axes.legend(loc="lower right", markerscale=6)

    picture("error_propagation", draw, size=(5.5, 4))
    sampled, errors = np.cov(samples), np.sqrt(np.diag(second))
    assert np.all(abs(samples.mean(axis=1) - mean) < 5 * errors / DRAWN**0.5)  # as near as so many samples can tell
    assert np.allclose(sampled / np.outer(errors, errors), second / np.outer(errors, errors), atol=0.005)


if __name__ == "__main__":
    main()
