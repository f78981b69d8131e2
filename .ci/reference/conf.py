"""The API reference, from the docstrings: python -m sphinx -nW .ci/reference site"""

import dualdiff

project = "dualdiff"
version = release = dualdiff.__version__
copyright = "the dualdiff developers"

extensions = ["sphinx.ext.autodoc", "numpydoc"]
default_role = "py:obj"  # `jacobian` is a link, and one that leads nowhere is an error (-nW)
autodoc_typehints = "none"  # the sections say more than the annotations
numpydoc_show_class_members = False
nitpick_ignore_regex = [("py:.*", r"(numpy|scipy|mpmath|sympy|concurrent)\..*")]

html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_toc_level": 2, "navbar_align": "left"}
html_title = f"dualdiff {version}"
html_sidebars = {"**": []}
html_copy_source = html_show_sourcelink = False
