"""The kernel methods that are compared live: support vector machines, kernel ridge and Gaussian processes, and transformers by kernels."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import Split, weights
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn.decomposition import KernelPCA
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.kernel_approximation import AdditiveChi2Sampler, Nystroem, PolynomialCountSketch, RBFSampler, SkewedChi2Sampler
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

KERNELS = ("linear", "poly", "rbf", "sigmoid", "cosine", "laplacian", "chi2", "additive_chi2")


def kernel_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _classification(seed)
    yield from _sparse(seed)
    yield from _regression(seed)
    yield from _one_class(seed)
    yield from _ridge(minor, seed)
    yield from _nystroem(seed)
    yield from _components(minor, seed)
    yield from _samplers(minor, seed)
    yield from _processes(seed)
    yield from _process_classifiers(seed)


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _size(X: np.ndarray) -> np.ndarray:
    """As chi-square kernels take them: not negative, and zeros among them."""
    return np.maximum(X - np.median(np.abs(X)), 0)


def _few(data: Split, rows: int = 90) -> Split:
    return data._replace(X=data.X[:rows], y=data.y[:rows])


def _constants(X: np.ndarray) -> np.ndarray:
    """Columns that do not vary, and one that is there twice."""
    return np.column_stack([np.full(len(X), -3.5), X, np.zeros(len(X)), X[:, :1]])


def _of_kernel(name: str) -> Any:
    return _size if "chi2" in name else None


def _extreme(name: str) -> bool:
    """Whether a kernel takes rows multiplied by negative numbers."""
    return "chi2" not in name


def _scaled(data: Split) -> Split:
    """The same columns in similar sizes, so that kernels vary."""
    middle, spread = data.X.mean(axis=0), data.X.std(axis=0) + 1e-3
    return data._replace(X=(data.X - middle) / spread, held_out=(data.held_out - middle) / spread)


def _classification(seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), _scaled(data_set("wine", seed))
    cancer, digits = _few(_scaled(data_set("breast cancer", seed))), _few(data_set("digits", seed), 120)
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        yield _setting(f"{kernel}, two classes", SVC(kernel=kernel, coef0=0.5), cancer, _two(cancer, "bool"))
        yield _setting(f"{kernel}, three classes", SVC(kernel=kernel, gamma="auto"), iris, "str", named=kernel == "rbf")
        yield _setting(f"{kernel}, ten classes", NuSVC(kernel=kernel, nu=0.05, degree=2), digits, "int8")
    yield _setting("ovo", SVC(decision_function_shape="ovo", gamma=0.01), digits, "negative")
    yield _setting("ovo, three classes", NuSVC(decision_function_shape="ovo", nu=0.2), wine, "object")
    yield _setting("ovo, two classes", NuSVC(decision_function_shape="ovo", nu=0.2), cancer)
    yield _setting("ties broken", SVC(break_ties=True, kernel="linear", C=0.01), digits, "float")
    yield _setting("ties broken, two classes", SVC(break_ties=True), cancer, _two(cancer, "object"))
    yield _setting("probability, two classes", SVC(probability=True, random_state=seed), cancer, _two(cancer, "str"))
    yield _setting("probability, three classes", SVC(probability=True, kernel="linear", random_state=seed), wine, "str", named=True)
    yield _setting("probability, ten classes", SVC(probability=True, gamma=0.002, random_state=seed), digits)
    yield _setting("probability, nu", NuSVC(probability=True, nu=0.1, kernel="sigmoid", random_state=seed), iris)
    yield _setting("weights, float32", SVC(C=3.0, class_weight="balanced"), iris, X=_single,
                   fit={"sample_weight": weights(len(iris.y), seed)})
    yield _setting("integers, many equal rows", SVC(kernel="poly", degree=3), iris, X=lambda X: np.round(X).astype(np.int64))
    yield _setting("constant columns", SVC(gamma=0.1), iris, "float32", _constants)


def _sparse(seed: int) -> Iterator[Setting]:
    """Support vectors and weights in compressed rows."""
    words = data_set("documents", seed)
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        yield _setting(f"words, SVC, {kernel}", make_pipeline(TfidfVectorizer(), SVC(kernel=kernel, coef0=0.2)), words)
    yield _setting("words, NuSVC, probability", make_pipeline(TfidfVectorizer(), NuSVC(nu=0.2, probability=True, random_state=seed)), words, "str")
    yield _setting("words, SVR", make_pipeline(TfidfVectorizer(), SVR()), words, np.arange(len(words.y)) % 7.0)
    yield _setting("words, KernelRidge", make_pipeline(TfidfVectorizer(), KernelRidge(kernel="rbf")), words, np.arange(len(words.y)) % 7.0)
    yield _setting("words, Nystroem", make_pipeline(TfidfVectorizer(), Nystroem(kernel="cosine", n_components=9, random_state=seed)), words)


def _regression(seed: int) -> Iterator[Setting]:
    diabetes = _few(_scaled(data_set("diabetes", seed)))
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        yield _setting(kernel, SVR(kernel=kernel, C=20.0, coef0=0.3), diabetes, named=kernel == "poly")
        yield _setting(kernel, NuSVR(kernel=kernel, gamma="auto", C=5.0, degree=2), diabetes)
    yield _setting("gamma", SVR(gamma=0.05, C=100, epsilon=5.0), diabetes, -diabetes.y)
    yield _setting("degree 5, sample weights", SVR(kernel="poly", degree=5, gamma=0.2, coef0=-0.4), diabetes,
                   fit={"sample_weight": weights(len(diabetes.y), seed)})
    yield _setting("degree 0", SVR(kernel="poly", degree=0), diabetes)
    yield _setting("float32, constant columns", NuSVR(C=20), diabetes, X=lambda X: _single(_constants(X)))
    yield _setting("no support vector but one", SVR(epsilon=1e3), diabetes, np.arange(len(diabetes.y)) * 100.0)


def _one_class(seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), _scaled(data_set("wine", seed))
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        yield _setting(kernel, OneClassSVM(kernel=kernel, nu=0.3), iris, named=kernel == "rbf")
    yield _setting("gamma, a third", OneClassSVM(gamma=0.02, nu=0.33), wine)
    yield _setting("float32", OneClassSVM(gamma="auto", nu=0.1), wine, X=_single)


def _ridge(minor: int, seed: int) -> Iterator[Setting]:
    diabetes, digits = _few(_scaled(data_set("diabetes", seed))), _few(data_set("digits", seed))
    for kernel in KERNELS:
        gamma = {"gamma": 0.3} if kernel == "chi2" else {}
        yield _setting(kernel, KernelRidge(kernel=kernel, **gamma), diabetes, X=_of_kernel(kernel), extreme=_extreme(kernel))
    # A fraction was no degree for two versions.
    if minor not in (2, 3):
        yield _setting("polynomial, half a degree", KernelRidge(kernel="polynomial", degree=2.5, gamma=0.01, coef0=9), diabetes, extreme=False)
    yield _setting("three targets", KernelRidge(kernel="rbf", gamma=0.02, alpha=[0.1, 1.0, 2.0]), diabetes,
                   np.column_stack([diabetes.y, -diabetes.y ** 2, diabetes.X[:, 0]]))
    yield _setting("one target, a column", KernelRidge(kernel="laplacian"), digits, digits.y[:, None] * 1.0)
    for kernel in ("poly", "rbf", "cosine", "sigmoid", "laplacian", "linear"):
        yield _setting(f"{kernel}, float32", KernelRidge(kernel=kernel, gamma=0.05, degree=2), diabetes, X=_single)
    yield _setting("chi2, float32", KernelRidge(kernel="chi2", gamma=0.01), digits, digits.y.astype(np.float32), X=_single, extreme=False)
    yield _setting("integers", KernelRidge(kernel="poly", degree=2), digits, digits.y * 1.0, X=lambda X: X.astype(np.int64))


def _nystroem(seed: int) -> Iterator[Setting]:
    iris, digits = data_set("iris", seed), data_set("digits", seed)
    for kernel in KERNELS:
        yield _setting(kernel, Nystroem(kernel=kernel, n_components=12, random_state=seed), iris, X=_of_kernel(kernel),
                       extreme=_extreme(kernel), named=kernel == "rbf")
    yield _setting("poly, parameters", Nystroem(kernel="poly", degree=2, coef0=0.5, gamma=0.01, n_components=9, random_state=seed), digits)
    yield _setting("float32", Nystroem(gamma=0.1, n_components=7, random_state=seed), iris, X=_single)
    yield _setting("more than rows", Nystroem(n_components=500, random_state=seed), _few(iris, 20))
    yield _setting("then logistic regression", make_pipeline(StandardScaler(), Nystroem(gamma=0.2, n_components=10, random_state=seed),
                   LogisticRegression(max_iter=300)), iris, "str")
    yield _setting("then least squares", make_pipeline(Normalizer(), Nystroem(kernel="laplacian", n_components=10, random_state=seed),
                   LinearRegression()), iris, iris.X[:, 0])


def _covariances(columns: int) -> dict[str, Any]:
    scales = np.linspace(0.5, 3.0, columns)
    return {
        "rbf": ConstantKernel(2.0) * RBF(1.5),
        "rbf, a scale a column, noise": RBF(scales) + WhiteKernel(0.3),
        "matern 0.5": Matern(2.0, nu=0.5) + WhiteKernel(0.1),
        "matern 1.5": Matern(scales, nu=1.5) * 3.0,
        "matern 2.5": Matern(nu=2.5) + WhiteKernel(0.2),
        "matern inf": Matern(1.7, nu=np.inf) + WhiteKernel(0.2),
        "rational quadratic": RationalQuadratic(1.3, 0.7) + WhiteKernel(0.5),
        "periodic": ExpSineSquared(2.0, 5.0) * RBF(4.0) + WhiteKernel(2.0),
        "dot product": DotProduct(0.7) + WhiteKernel(0.4),
        "dot product, squared": DotProduct(1.3) ** 2 + WhiteKernel(1.0),
        "a power of a sum": (RBF(2.0) + RationalQuadratic(2.0)) ** 1.5 + ConstantKernel(0.3),
    }


def _processes(seed: int) -> Iterator[Setting]:
    diabetes, iris = _few(_scaled(data_set("diabetes", seed)), 40), _few(data_set("iris", seed), 40)
    y = (diabetes.y - diabetes.y.mean()) / diabetes.y.std()
    for name, kernel in _covariances(diabetes.X.shape[1]).items():
        yield _setting(name, GaussianProcessRegressor(kernel, optimizer=None, alpha=1e-3), diabetes, y, extreme=False, named=name == "rbf")
    yield _setting("fitted kernel, normalized", GaussianProcessRegressor(ConstantKernel() * RBF() + WhiteKernel(), normalize_y=True), diabetes,
                   extreme=False)
    yield _setting("defaults", GaussianProcessRegressor(), iris, iris.X[:, 0] * 2, extreme=False)
    yield _setting("two targets, an alpha each", GaussianProcessRegressor(RBF(2.0), optimizer=None, alpha=np.linspace(0.1, 1, 40), normalize_y=True),
                   diabetes, np.column_stack([diabetes.y, -diabetes.y]), extreme=False)
    yield _setting("one target, a column", GaussianProcessRegressor(DotProduct(), optimizer=None, alpha=0.3), iris, iris.X[:, :1], extreme=False)
    yield _setting("far rows", GaussianProcessRegressor(Matern(nu=1.5), optimizer=None, alpha=0.1), iris, iris.X[:, 0])


def _process_classifiers(seed: int) -> Iterator[Setting]:
    iris, cancer = _few(_scaled(data_set("iris", seed)), 45), _few(_scaled(data_set("breast cancer", seed)), 40)
    for name, kernel in _covariances(iris.X.shape[1]).items():
        yield _setting(f"{name}, two classes", GaussianProcessClassifier(kernel, optimizer=None), iris, _two(iris, "str"), named=name == "rbf")
    yield _setting("defaults, two classes", GaussianProcessClassifier(), cancer, _two(cancer, "bool"))
    yield _setting("fitted kernel, two classes", GaussianProcessClassifier(1.0 * RBF(2.0)), cancer, _two(cancer, "negative"))
    yield _setting("one against the rest", GaussianProcessClassifier(1.0 * RBF(1.0)), iris, "str")
    yield _setting("one against the rest, no optimizer", GaussianProcessClassifier(Matern(nu=1.5), optimizer=None), iris, "int8")
    yield _setting("one against one", GaussianProcessClassifier(1.0 * RBF(1.0), multi_class="one_vs_one"), iris, "object")


def _samplers(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, words = data_set("iris", seed), data_set("wine", seed), data_set("documents", seed)
    fixed = {"random_state": seed, "n_components": 20}
    yield _setting("defaults", RBFSampler(random_state=seed), iris, named=True)
    yield _setting("gamma", RBFSampler(gamma=0.02, **fixed), wine)
    yield _setting("float32", RBFSampler(gamma=0.3, **fixed), iris, X=_single)
    if minor >= 3:
        yield _setting("gamma by the spread", RBFSampler(gamma="scale", **fixed), wine)
    yield _setting("then logistic regression", make_pipeline(StandardScaler(), RBFSampler(gamma=0.2, **fixed), LogisticRegression()), iris, "str")
    yield _setting("words, RBFSampler", make_pipeline(TfidfVectorizer(), RBFSampler(**fixed)), words)
    yield _setting("defaults", SkewedChi2Sampler(random_state=seed), iris, extreme=False, named=True)
    yield _setting("skewedness", SkewedChi2Sampler(skewedness=0.01, **fixed), wine, extreme=False)
    yield _setting("float32 rows of a few numbers", SkewedChi2Sampler(skewedness=0.5, n_components=8, random_state=seed), iris, X=_size, extreme=False)
    for steps in (1, 2, 3):
        yield _setting(f"{steps} steps", AdditiveChi2Sampler(sample_steps=steps), iris, X=_size, extreme=False, named=steps == 2)
    yield _setting("an interval", AdditiveChi2Sampler(sample_steps=5, sample_interval=0.31), wine, extreme=False)
    yield _setting("defaults", PolynomialCountSketch(random_state=seed), iris, named=True)
    for degree in (1, 2, 4):
        sketch = PolynomialCountSketch(degree=degree, gamma=0.7, coef0=degree % 3, n_components=30 + degree, random_state=seed)
        yield _setting(f"degree {degree}", sketch, wine)
    yield _setting("float32", PolynomialCountSketch(coef0=1, n_components=16, random_state=seed), iris, X=_single)
    yield _setting("words, PolynomialCountSketch", make_pipeline(TfidfVectorizer(), PolynomialCountSketch(coef0=0.3, **fixed)), words)
    yield _setting("words, AdditiveChi2Sampler", make_pipeline(CountVectorizer(), AdditiveChi2Sampler()), words)._replace(
        refused="compressed rows"
    )


def _components(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, words = _few(data_set("iris", seed), 60), _few(_scaled(data_set("wine", seed)), 50), data_set("documents", seed)
    # Newer SciPy has not got what the first versions' other solver asks for.
    solver = {"eigen_solver": "arpack", "random_state": seed} if minor < 3 else {}
    count = 5 if minor < 3 else None
    for kernel in ("linear", "poly", "rbf", "sigmoid", "cosine"):
        yield _setting(kernel, KernelPCA(3, kernel=kernel, gamma=0.1, **solver), iris, named=kernel == "rbf")
    yield _setting("all components", KernelPCA(count, kernel="rbf", **solver), wine)
    yield _setting("without eigenvalues of 0", KernelPCA(count, kernel="linear", remove_zero_eig=True, **solver), wine)
    yield _setting("arpack, an inverse", KernelPCA(2, kernel="poly", degree=2, eigen_solver="arpack", fit_inverse_transform=True, random_state=seed), wine)
    yield _setting("float32", KernelPCA(3, kernel="rbf", gamma=0.25, **solver), iris, X=_single)
    yield _setting("words, KernelPCA", make_pipeline(TfidfVectorizer(), KernelPCA(4, kernel="cosine", **solver)), words)
