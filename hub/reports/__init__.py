"""Reports of a day, a week, a month or a year: what stands in them (`model`), and how they are written down.

    gather   -> Report, from the figures and the reviews
    page     -> one HTML file that needs nothing else, made for paper
    workbook -> XLSX with charts        sheet -> CSV        Report.data -> JSON

All forms are made from one table of columns, so that none of them has a figure that another one lacks.
"""
