"""A robot arm with three joints: from its angles to its hand (forward kinematics), and back (inverse kinematics) by Newton.

Newton's method needs ∂hand/∂angles to reach a point. The figure's ellipses show where the hand goes for small turns of the joints.
"""

import numpy as np

import dualdiff as dd
from shared import BLUE, GREEN, ORANGE, picture

LENGTHS = np.array([1.0, 0.8, 0.5])
X, Y = CIRCLE = np.stack([np.cos(turn := np.linspace(0, 2 * np.pi, 61)), np.sin(turn)])
PATH = np.stack([1.3 + 0.5 * X, 0.7 + 0.8 * X * Y], axis=1)  # a figure of eight


def joints(angles):  # the ends of the links, of shape (4, 2); each joint turns all that is beyond it
    heading = np.cumsum(angles)
    links = LENGTHS * np.stack([np.cos(heading), np.sin(heading)])
    return np.vstack([np.zeros(2), np.cumsum(links.T, axis=0)])


hand = lambda angles: joints(angles)[-1]


def reach(target, angles):
    """Angles near the given ones with the hand at the target: the smallest turn that mends the error, again and again."""
    errors = []
    while len(errors) < 20 and (not errors or errors[-1] > 1e-13):
        position, J = dd.value_and_jacobian(hand)(angles)
        errors.append(np.linalg.norm(target - position))
        angles = angles + np.linalg.pinv(J) @ (target - position)
    return angles, errors


def main():
    angles, errors = reach(PATH[0], np.array([1.5, -0.8, -0.8]))
    print("The hand is off by " + ", ".join(f"{error:.0e}" for error in errors))
    poses, steps = [angles], 0
    for target in PATH[1:]:  # each from the pose before
        angles, errors = reach(target, angles)
        poses, steps = [*poses, angles], steps + len(errors) - 1
    print(f"and follows {len(PATH) - 1} more points of a path in {steps} steps")

    def draw(axes):
        axes.plot(*PATH.T, color=ORANGE, label="path")
        for k, pose in enumerate(poses[:60:10]):
            axes.plot(*joints(pose).T, "-o", ms=4, color=BLUE, alpha=0.25 + 0.15 * k, label="arm" if k == 5 else None)
            U, stretch, _ = np.linalg.svd(dd.jacobian(hand)(pose))
            axes.plot(*(hand(pose)[:, None] + 0.1 * U * stretch @ CIRCLE), color=GREEN, lw=1, label=None if k else "small turns")
        axes.set(xlabel="x (m)", ylabel="y (m)", aspect="equal"), axes.legend(loc="upper left")

    picture("robot_arm", draw, size=(6, 4.5))
    for pose, target in zip(poses, PATH):
        x, y = (hand(pose) - joints(pose)[:-1]).T
        assert np.allclose(hand(pose), target, atol=1e-12)
        assert np.allclose(dd.jacobian(hand)(pose), [-y, x], atol=1e-14)


if __name__ == "__main__":
    main()
