"""Programs on signals, images, and in geometry."""

from __future__ import annotations

import numpy as np

from programs_science import GRID, IMAGE, program

# ---- signals, images -----------------------------------------------------------------------------------------------------


@program(np.array([0.3, 1.2, -0.7, 0.9, 1.5, -0.2]))
def low_pass(x):
    f = np.fft.rfftfreq(len(x))
    return np.fft.irfft(np.where(f < 0.3, np.fft.rfft(x), 0), n=len(x))


@program(np.array([0.3, 1.2, -0.7, 0.9, 1.5, -0.2]))
def power_spectrum(x):
    s = np.abs(np.fft.fft(x * np.hanning(len(x)))) ** 2
    return s / s.sum()


@program(np.array([0.3, 1.2, -0.7, 0.9, 1.5]))
def spectral_derivative(x):
    k = 2j * np.pi * np.fft.fftfreq(len(x))
    return np.fft.ifft(k * np.fft.fft(x)).real


@program(np.array([0.3, 1.2, -0.7, 0.9, 1.5, 0.1]))
def analytic_signal(x):
    s = np.fft.fft(x)
    h = np.zeros(len(x))
    h[0] = h[3] = 1
    h[1:3] = 2
    z = np.fft.ifft(s * h)
    return np.abs(z), np.unwrap(np.angle(z))


@program(np.array([0.3, 1.2, -0.7, 0.9]), np.array([0.5, 0.25]))
def fir_filter(x, b):
    return np.convolve(x, b, mode="same"), np.convolve(x, b, "valid")


@program(np.array([0.3, 1.2, -0.7, 0.9]), np.array([0.5, -0.25]))
def iir_filter(x, a):
    y = np.zeros_like(x)
    for n in range(len(x)):
        y[n] = x[n]
        for k in range(min(n, 2)):
            y[n] -= a[k] * y[n - 1 - k]
    return y


@program(np.array([0.3, 1.2, 0.7, 0.9, 1.4]))
def moving_average(x):
    c = np.cumsum(np.insert(x, 0, 0))
    return (c[3:] - c[:-3]) / 3


@program(np.array([0.3, 1.2, 0.7, 0.9, 1.4]))
def moving_median(x):
    return np.median(np.lib.stride_tricks.sliding_window_view(x, 3), axis=-1)


@program(IMAGE)
def sobel(image):
    k = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, 1, mode="reflect"), (3, 3))
    gx, gy = np.einsum("ijkl,kl->ij", windows, k), np.einsum("ijkl,kl->ij", windows, k.T)
    return np.hypot(gx, gy)


@program(IMAGE)
def bilinear_pooling(image):
    return image[:2].reshape(1, 2, 2, 2).max(axis=(1, 3)), image.reshape(3, 2, 2).mean(-1)


@program(IMAGE)
def normalise_image(image):
    lo, hi = image.min(), image.max()
    out = (image - lo) / (hi - lo)
    return np.clip(out * 1.2, 0.05, 0.95) ** (1 / 2.2)


@program(IMAGE)
def total_variation(u):
    return np.sum(np.sqrt(np.diff(u, axis=0)[:, :-1] ** 2 + np.diff(u, axis=1)[:-1] ** 2 + 1e-3))


@program(IMAGE)
def threshold_in_place(image):
    out = image.copy()
    out[out > 1.5] = 1.5
    out[image < 0.5] *= 0.1
    return out


@program(IMAGE)
def image_gradient(image):
    gy, gx = np.gradient(image)
    return np.arctan2(gy, gx)[1:, 1:], gx**2 + gy**2


@program(np.array([0.3, 1.7]), float32=False)
def bilinear_interpolation(point):
    x, y = point
    i, j = int(np.floor(x)), int(np.floor(y))
    fx, fy = x - i, y - j
    return (IMAGE[i, j] * (1 - fx) * (1 - fy) + IMAGE[i + 1, j] * fx * (1 - fy) + IMAGE[i, j + 1] * (1 - fx) * fy
            + IMAGE[i + 1, j + 1] * fx * fy)


@program(IMAGE, 0.3)
def rotate_channels(image, angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.tensordot(image[:, :2], np.array([[c, -s], [s, c]]), axes=([1], [0]))


@program(np.array([0.4, 1.9, 3.3]))
def resample(t):
    return np.interp(t, np.arange(5.0), [0.2, 1.4, 0.7, 2.2, 1.0])


@program(np.array([0.4, 1.9, 3.3]))
def interp_data(y):
    return np.interp(GRID * 3, [0, 1, 3], y, left=0.0, right=1.0)


@program(np.array([0.4, 1.9, 3.3, 0.2]))
def haar_wavelet(x):
    a, d = (x[::2] + x[1::2]) / np.sqrt(2), (x[::2] - x[1::2]) / np.sqrt(2)
    d = np.sign(d) * np.maximum(np.abs(d) - 0.1, 0)
    out = np.empty_like(x)
    out[::2], out[1::2] = (a + d) / np.sqrt(2), (a - d) / np.sqrt(2)
    return out


# ---- geometry ------------------------------------------------------------------------------------------------------------

@program(np.array([0.9, 0.1, -0.3, 0.4]), np.array([1.0, 0.5, -0.7]))
def quaternion_rotation(q, v):
    q = q / np.sqrt(np.sum(q**2))
    w, r = q[0], q[1:]
    t = 2 * np.cross(r, v)
    return v + w * t + np.cross(r, t)


@program(np.array([0.9, 0.1, -0.3, 0.4]), np.array([0.2, 0.7, 0.1, -0.5]))
def quaternion_product(p, q):
    w0, x0, y0, z0 = p
    w1, x1, y1, z1 = q
    return np.array([w0 * w1 - x0 * x1 - y0 * y1 - z0 * z1, w0 * x1 + x0 * w1 + y0 * z1 - z0 * y1,
                     w0 * y1 - x0 * z1 + y0 * w1 + z0 * x1, w0 * z1 + x0 * y1 - y0 * x1 + z0 * w1])


@program(np.array([0.3, -0.2, 0.5]))
def rodrigues(w):
    theta = np.linalg.norm(w)
    K = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]]) / theta
    return np.eye(3) + np.sin(theta) * K + (1 - np.cos(theta)) * np.dot(K, K)


@program(np.array([[0.0, 0.1], [2.0, 0.3], [1.7, 1.9], [0.2, 1.4]]))
def shoelace(p):
    x, y = p.T
    return 0.5 * np.abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))


@program(np.array([[0.0, 0.1, 0.4], [2.0, 0.3, 0.1], [1.7, 1.9, 0.6]]))
def triangle_normal(t):
    n = np.cross(t[1] - t[0], t[2] - t[0])
    area = np.linalg.norm(n) / 2
    return n / np.linalg.norm(n), area


@program(np.array([[0.3, 0.1], [2.0, 0.3], [1.7, 1.9]]))
def pairwise_distances(p):
    d2 = np.sum(p**2, 1)[:, None] + np.sum(p**2, 1)[None, :] - 2 * p @ p.T
    return np.sqrt(d2[np.triu_indices(3, 1)])


@program(np.array([0.3, 0.9, 0.2]))
def spherical_coordinates(v):
    r = np.linalg.norm(v)
    return r, np.arccos(v[2] / r), np.arctan2(v[1], v[0])


@program(np.array([0.85, 0.2, 0.82, 0.35]))
def haversine(p):
    lat1, lon1, lat2, lon2 = p
    a = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 6371.0 * 2 * np.arcsin(np.sqrt(a))


@program(np.array([[0.0, 0.1], [1.0, 0.9], [2.2, 0.3], [3.1, 1.2]]))
def bezier(control):
    t = np.linspace(0, 1, 5)[:, None]
    return (1 - t) ** 3 * control[0] + 3 * (1 - t) ** 2 * t * control[1] + 3 * (1 - t) * t**2 * control[2] + t**3 * control[3]


@program(np.array([[0.0, 0.1], [1.0, 0.9], [2.2, 0.3], [3.1, 1.2]]), 0.4)
def de_casteljau(points, t):
    while len(points) > 1:
        points = (1 - t) * points[:-1] + t * points[1:]
    return points[0]


@program(np.array([0.3, 0.5, 0.7]))
def forward_kinematics(q):
    def link(angle, length):
        c, s = np.cos(angle), np.sin(angle)
        return np.array([[c, -s, length * c], [s, c, length * s], [0, 0, 1]], like=q)
    T = np.eye(3)
    for angle, length in zip(q, (1.0, 0.8, 0.5)):
        T = T @ link(angle, length)
    return T[:2, 2]


@program(np.array([[1.0, 0.2, 2.0], [0.4, 0.8, 3.0]]), np.array([500.0, 320.0]))
def pinhole_camera(points, f):
    uv = points[:, :2] / points[:, 2:]
    return f * uv * (1 + 0.1 * np.sum(uv**2, axis=1, keepdims=True))
